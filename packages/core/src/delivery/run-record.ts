import { safeJson } from '../codec/safe-json.js'
import type { Data } from '../data.js'
import { RefusedError } from '../failure.js'
import type { Partition } from '../source.js'
import type { Ledger } from './ledger.js'

/** One file (or object) of a bounded run. */
export interface RunFile {
  readonly name: string
  readonly fingerprint: Data
  /** Of its whole content, once it has been read. */
  readonly digest?: string
}

/** What is remembered of a bounded run, for as long as its rows are there. */
export interface RunRecord {
  readonly id: string
  /** Equal for equal files. */
  readonly identity: string
  readonly startedAtMillis: number
  readonly finished: boolean
  readonly files: readonly RunFile[]
  /** Runs whose rows go when this one ends. */
  readonly replaces: readonly string[]
  /** Files of replaced runs that this one does not have. */
  readonly droppedOut: readonly string[]
  readonly ledger?: Ledger
  /** The stages that it was finished by. */
  readonly graph?: readonly string[]
}

/** What is to be done with the files of a run, by what is remembered of others. */
export type Verdict =
  | { readonly _tag: 'Done'; readonly run: RunRecord }
  | { readonly _tag: 'Resume'; readonly run: RunRecord }
  | { readonly _tag: 'Fresh'; readonly replaces: readonly RunRecord[] }

/** The files of a run as they are remembered, by name. */
export const filesOf = (partitions: readonly Partition[]): RunFile[] =>
  partitions.map(({ name, fingerprint = null }) => ({ name, fingerprint })).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

const stamp = (millis: number): string => new Date(millis).toISOString()

const manyFiles = (count: number): string => (count === 1 ? '1 file' : `${count} files`)

const nameFiles = (files: readonly RunFile[]): string =>
  files.length === 0 ? manyFiles(0) : `${manyFiles(files.length)}, '${files[0]?.name}'${files.length > 1 ? ' …' : ''}`

/** Up to three names: what is to be done with the rest is the same. */
export const nameSome = (names: readonly string[]): string => {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `${names.slice(0, 3).map((name) => `'${name}'`).join(', ')}${more}`
}

const describeRun = (run: RunRecord): string => `the run of ${stamp(run.startedAtMillis)} (${nameFiles(run.files)})`

/** Who reads a message may have written the program, or only its command line. */
export const askForReplace = 'ask for replace (`replace: true`, on a command line --replace)'

const remedy = `or ${askForReplace}: it deletes what that run wrote and reads exactly the files given`

const shown = (value: Data | undefined): string => (value === undefined ? 'unknown' : safeJson(value, 200))

/** Fingerprints are flat objects in practice; what differs is shown field by field. */
const describeChange = (before: Data, now: Data): string => {
  if (typeof before !== 'object' || before === null || typeof now !== 'object' || now === null) return ''
  const old = new Map(Object.entries(before))
  const changes = Object.entries(now).filter(([key, value]) => JSON.stringify(old.get(key)) !== JSON.stringify(value))
  return changes.length === 0 ? '' : ` (${changes.map(([key, value]) => `${key} ${shown(old.get(key))} → ${shown(value)}`).join(', ')})`
}

interface Shared {
  readonly file: RunFile
  readonly before: RunFile
}

const overlap = (run: RunRecord, files: readonly RunFile[]): Shared | undefined => {
  const names = new Map(run.files.map((file) => [file.name, file]))
  const shared = files.flatMap((file) => {
    const before = names.get(file.name)
    return before === undefined ? [] : [{ file, before }]
  })
  return shared.find(({ file, before }) => !sameInput(file, before)) ?? shared[0]
}

const sameInput = (a: RunFile, b: RunFile): boolean => JSON.stringify(a.fingerprint) === JSON.stringify(b.fingerprint)

const refuseUnfinished = (run: RunRecord, shared: Shared | undefined): RefusedError => {
  const why = shared === undefined ? 'is not finished' : `read '${shared.file.name}' and is not finished`
  const differs = shared !== undefined && !sameInput(shared.file, shared.before)
  const changed = differs ? `; the file has changed since${describeChange(shared.before.fingerprint, shared.file.fingerprint)}` : ''
  // Who only touched a file gives the same files, as he sees it.
  const again = differs ? 'Put the file back as it was and run again' : 'Run it again'
  return new RefusedError(`${describeRun(run)} ${why}${changed}. ${again} with exactly the same files and it goes on where it stopped, ${remedy}.`, 'UnfinishedRun')
}

const refuseChanged = (run: RunRecord, { file, before }: Shared): RefusedError =>
  new RefusedError(
    `'${file.name}' has changed since ${describeRun(run)} read it${describeChange(before.fingerprint, file.fingerprint)}. Put the file back as it was, ${remedy}.`,
    'ChangedFile',
  )

/** The commonest case is a folder that files were added to, so what is new is named. */
const refuseOverlap = (run: RunRecord, { file }: Shared, added: readonly RunFile[]): RefusedError => {
  const read = `'${file.name}' was already read by ${describeRun(run)}, whose files are not the ones given now`
  const advice =
    added.length === 0
      ? `nothing is new since then: finished runs have read every file given, so nothing is left to do. To read exactly these anew, ${askForReplace}: it deletes what those runs wrote, also of files that are not given`
      : `new since then: ${nameSome(added.map(({ name }) => name))}. Give only what is new, ${remedy}`
  return new RefusedError(`${read}; ${advice}.`, 'OverlappingRun')
}

/** Without replace, and with no run unfinished: a file is read once, in one version. */
const refuseShared = (overlapping: readonly RunRecord[], files: readonly RunFile[]): RefusedError | undefined => {
  const shared = overlapping.flatMap((run) => {
    const both = overlap(run, files)
    return both === undefined ? [] : [{ run, both }]
  })
  const changed = shared.find(({ both }) => !sameInput(both.file, both.before))
  if (changed !== undefined) return refuseChanged(changed.run, changed.both)
  const [first] = shared
  const read = new Set(overlapping.flatMap((run) => run.files.map(({ name }) => name)))
  return first && refuseOverlap(first.run, first.both, files.filter(({ name }) => !read.has(name)))
}

/**
 * Decides, before anything is read, whether a bounded run is new, done, or to be resumed.
 * @param resumable - false: the state of the unfinished run is another pipeline's; with `replace` it is begun again
 * @throws RefusedError where it would count something twice or mix two runs
 */
export const judgeRun = (runs: readonly RunRecord[], identity: string, files: readonly RunFile[], replace: boolean, resumable = true): Verdict => {
  // What an unfinished run replaces has no state any more, and soon no rows: it can be neither resumed nor done.
  const replaced = new Set(runs.flatMap((run) => (run.finished ? [] : run.replaces)))
  const unfinished = runs.find((run) => !run.finished && !replaced.has(run.id))
  if (unfinished?.identity === identity && (resumable || !replace)) return { _tag: 'Resume', run: unfinished }
  const done = runs.find((run) => run.finished && run.identity === identity && !replaced.has(run.id))
  if (done !== undefined && !replace) return { _tag: 'Done', run: done }
  const overlapping = runs.filter((run) => overlap(run, files) !== undefined)
  if (replace) return { _tag: 'Fresh', replaces: runs.filter((run) => !run.finished || overlapping.includes(run)) }
  if (unfinished !== undefined) throw refuseUnfinished(unfinished, overlap(unfinished, files))
  const refusal = refuseShared(overlapping, files)
  if (refusal !== undefined) throw refusal
  return { _tag: 'Fresh', replaces: [] }
}

/** The same input, finished by a pipeline that meant something else: neither is its answer this one's, nor may it be overwritten unasked. */
export const refuseOtherGraph = (run: RunRecord, difference: string): RefusedError =>
  new RefusedError(
    `${describeRun(run)} has read exactly these files, but by another graph (${difference}), so its rows are not what this pipeline would make of them. Use the pipeline as it was, write to another table or store, ${remedy}.`,
    'GraphChanged',
  )

/** Files of the replaced runs, and of those that they were about to replace, that the new one does not have. */
export const droppedOutBy = (replaced: readonly RunRecord[], files: readonly RunFile[]): string[] => {
  const kept = new Set(files.map(({ name }) => name))
  const theirs = replaced.flatMap((run) => [...run.files.map(({ name }) => name), ...(run.finished ? [] : run.droppedOut)])
  return [...new Set(theirs)].filter((name) => !kept.has(name)).sort()
}

/** A run of other files wrote a row that this one would write: neither half bars nor doubled ones. */
export const refuseConflict = (owner: RunRecord | undefined, example: string, files: readonly RunFile[]): RefusedError => {
  const theirs = owner === undefined ? 'something outside of any recorded run' : describeRun(owner)
  return new RefusedError(
    `${theirs} already wrote ${example}, and the files given now (${nameFiles(files)}) have records of the same key and window: half a window would replace the other half. Give all files of that window in one run, ${remedy}.`,
    'SharedWindow',
  )
}

/** Another pipeline wrote the row: its runs are not this one's to judge, so neither other files nor replace would help. */
export const refuseForeign = (pipeline: string | undefined, example: string, files: readonly RunFile[]): RefusedError => {
  const owner = pipeline === undefined ? 'another pipeline' : `pipeline '${pipeline}'`
  return new RefusedError(
    `${owner} already wrote ${example}, and the files given now (${nameFiles(files)}) have records of the same key and window. Replace deletes only what this pipeline wrote, so it does not help: give this pipeline a table of its own, or the name of the pipeline that wrote the row.`,
    'SharedWindow',
  )
}

/** The same content under two names would be counted twice. */
export const refuseCopy = (name: string, other: string, run: RunRecord | undefined): RefusedError => {
  const where = run === undefined ? 'another file of this run' : `a file of ${describeRun(run)}`
  const how = run === undefined ? 'Leave one of them out' : `Leave it out, ${remedy}`
  const what = run === undefined ? '' : 'it was copied or renamed, and '
  return new RefusedError(`'${name}' has the same content as '${other}', ${where}: ${what}its records would be counted twice. ${how}.`, 'CopiedFile')
}

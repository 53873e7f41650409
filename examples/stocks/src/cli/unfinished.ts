import { unpackData } from '@millrace/core'
import * as t from 'io-ts'
import { formatTime, plural } from './format.js'
import { sayWrapped, type Output } from './output.js'
import type { Query } from './parts.js'
import { commandLine } from './shell.js'

/** A backfill that has begun and has not come to its end. */
export interface Unfinished {
  /** Unix milliseconds; `null` where it ended before its first checkpoint. */
  readonly startedAtMillis: number | null
  /** How many it was given; `null` likewise. */
  readonly files: number | null
}

// What is read here is the checkpoint's own form, which may change: what does not fit says nothing, instead of failing.
const Run = t.type({ id: t.string, startedAtMillis: t.number, finished: t.boolean, files: t.UnknownArray }, 'Run')
const RunsChange = t.tuple([t.literal('r'), t.array(Run)])
const RemovedChange = t.tuple([t.literal('x'), t.array(t.string)])

const HIDDEN = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'millrace' AND table_name = 'state_log'"
const HAS_CHECKPOINT = 'SELECT 1 FROM millrace.checkpoints LIMIT 1'

// A change is a packed list of its kind and what changed; only those of runs are wanted (`r`, and `x` for removed ones): the
// others are the windows, and may be large. The first piece of a change has its beginning.
const RUN_CHANGES = `SELECT seq, changes FROM millrace.state_log WHERE pipeline = $1 AND seq IN (
  SELECT seq FROM millrace.state_log WHERE pipeline = $1 AND part = 0 AND (starts_with(hex(changes), '92A172') OR starts_with(hex(changes), '92A178')))
  ORDER BY seq, part`

const wholeChanges = (rows: Awaited<ReturnType<Query>>): readonly Uint8Array[] => {
  const pieces = new Map<unknown, Uint8Array[]>()
  for (const { seq, changes } of rows) if (changes instanceof Uint8Array) pieces.set(seq, [...(pieces.get(seq) ?? []), changes])
  return [...pieces.values()].map((some) => Buffer.concat(some))
}

const runsOf = (changes: readonly Uint8Array[]): readonly t.TypeOf<typeof Run>[] => {
  const runs = new Map<string, t.TypeOf<typeof Run>>()
  for (const change of changes.map((bytes): unknown => unpackData(bytes))) {
    if (RunsChange.is(change)) for (const run of change[1]) runs.set(run.id, run)
    if (RemovedChange.is(change)) for (const id of change[1]) runs.delete(id)
  }
  return [...runs.values()]
}

/** Reads whether a pipeline's run in a file has begun and not ended; `undefined` if none has. */
export const loadUnfinished = async (query: Query, db: string, pipeline: string): Promise<Unfinished | undefined> => {
  if ((await query(db, HIDDEN, [])).length === 0) return undefined
  // The tables are made before anything is read: a file without any checkpoint is of a run that ended before its first one.
  if ((await query(db, HAS_CHECKPOINT, [])).length === 0) return { startedAtMillis: null, files: null }
  const run = runsOf(wholeChanges(await query(db, RUN_CHANGES, [pipeline]))).find(({ finished }) => !finished)
  return run === undefined ? undefined : { startedAtMillis: run.startedAtMillis, files: run.files.length }
}

/** Says that what follows is not the whole, and how to get it. */
export const sayUnfinished = (output: Output, { startedAtMillis, files }: Unfinished, db: string): void => {
  const title = output.paint.yellow('Unfinished')
  const what = startedAtMillis === null || files === null
    ? 'a backfill ended before its first checkpoint: nothing of it is below.'
    : `the backfill of ${plural(files, 'file')} begun at ${formatTime(startedAtMillis - (startedAtMillis % 1_000))} UTC has not come to its end: what is below is a part.`
  sayWrapped(output, `${title}  ${what} The same command, with the same files, goes on:`)
  output.say(`  ${commandLine(['backfill', 'PATH...', '--db', db])}`)
  output.say()
}

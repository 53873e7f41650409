import { assertData, packDataBy, unpackData } from '../codec/data.js'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import type { StoredCheckpoint } from '../store.js'
import type { Blind } from '../time/coverage.js'
import type { WatermarkState } from '../time/partition-watermark.js'
import { packCells, unpackCells, type SavedCell, type SavedCells } from './cell-columns.js'
import type { Ledger } from './ledger.js'
import type { RunRecord } from './run-record.js'

/** How far one partition of a read has come. */
export interface PartitionProgress {
  readonly offset: Data | undefined
  readonly ended: boolean
  readonly digest: string | undefined
  /** By eventTime stage. */
  readonly watermarks: readonly (readonly [stage: string, state: WatermarkState])[]
}

/** Changes of the windows of one aggregate stage. */
export interface WindowLog<Cells extends SavedCells = readonly SavedCell[]> {
  readonly stage: string
  readonly cells: Cells
  readonly closed: readonly number[]
}

/** What one epoch adds to the log of state. */
export interface StateChanges {
  readonly windows: readonly WindowLog<SavedCells>[]
  readonly partitions: readonly { readonly read: string; readonly partition: string; readonly progress: PartitionProgress }[]
  readonly runs: readonly RunRecord[]
  readonly removedRuns: readonly string[]
}

/** Small, and replaced with every epoch. */
export interface CheckpointHeader {
  readonly format: 1
  /** An unbounded input was read to its end: nothing may come after it. */
  readonly drained?: boolean
  readonly graph: readonly string[]
  readonly epoch: number
  /** The bounded run that the state belongs to; null between runs, and for unbounded pipelines. */
  readonly run: string | null
  /** By stage: received, sent per output, counts. */
  readonly counters: Readonly<Record<string, readonly number[]>>
  /** By sink: what its writer prepared in this epoch. */
  readonly tokens: Readonly<Record<string, Data>>
  readonly ledger: Ledger
}

const cellsABlob = 4_096

/** Where packed bytes go. */
type Copy = (packed: Uint8Array) => Uint8Array

// −∞ and +∞ are Data, so watermarks go as they are; undefined is not, so what is absent goes as null, and an offset, which
// may be null itself, as a list of none or one.
const packPartition = ({ read, partition, progress }: StateChanges['partitions'][number]): Data => [
  read,
  partition,
  progress.offset === undefined ? [] : [progress.offset],
  progress.ended,
  progress.digest ?? null,
  progress.watermarks.map(([stage, s]) => [stage, s.max, s.floor, s.jumpLeast, s.jumpGreatest, s.jumpCount, s.last, s.silentMillis, s.coverage.since, s.coverage.blind]),
]

/** @throws ConnectorError that names stage and key, if an accumulator is no Data */
const packWindows = (stage: string, cells: WindowLog['cells'], copy: Copy): Uint8Array => {
  try {
    return packDataBy(['w', stage, packCells(cells)], copy)
  } catch (error) {
    for (const { key, acc } of cells) assertData(acc, `the accumulator of key ${JSON.stringify(key)} in stage '${stage}'`)
    throw error
  }
}

const asData = (record: RunRecord): Data => record as unknown as Data // as: an interface of Data members is not assignable to an index signature

/** The changes as blobs of a bounded number of accumulators each, in memory that `copy` gives. */
export const packChanges = (changes: StateChanges, copy: Copy): Uint8Array[] => {
  const blobs: Uint8Array[] = []
  const pack = (value: Data): Uint8Array => packDataBy(value, copy)
  for (const { stage, cells, closed } of changes.windows) {
    // First what is closed: a window that was opened again since then is among the cells.
    if (closed.length > 0) blobs.push(pack(['c', stage, closed]))
    for (let from = 0; from < cells.length; from += cellsABlob) blobs.push(packWindows(stage, cells.slice(from, from + cellsABlob), copy))
  }
  if (changes.partitions.length > 0) blobs.push(pack(['p', changes.partitions.map(packPartition)]))
  if (changes.runs.length > 0) blobs.push(pack(['r', changes.runs.map(asData)]))
  if (changes.removedRuns.length > 0) blobs.push(pack(['x', changes.removedRuns]))
  return blobs
}

/** What a log says once it is read from its beginning; its windows are too many to be held beside the log. */
export interface RestoredState {
  readonly partitions: Map<string, Map<string, PartitionProgress>>
  readonly runs: Map<string, RunRecord>
}

type PackedPartition = [string, string, Data[], boolean, string | null, [string, number, number, number, number, number, last?: number, silentMillis?: number, since?: number | null, blind?: Blind[]][]]

const unpackPartition = ([, , offset, ended, digest, watermarks]: PackedPartition): PartitionProgress => ({
  offset: offset[0],
  ended,
  digest: digest ?? undefined,
  watermarks: watermarks.map(([stage, max, floor, jumpLeast, jumpGreatest, jumpCount, last = max, silentMillis = 0, since = null, blind = []]) => [
    stage,
    { max, floor, jumpLeast, jumpGreatest, jumpCount, last, silentMillis, coverage: { since, blind } },
  ]),
})

const listAt = (list: readonly unknown[], index: number): readonly unknown[] => {
  const part = list[index]
  if (!Array.isArray(part)) throw new Error(`a change has no list at ${index}`)
  return part
}

/** A list of three begins so in MessagePack, and its text of one letter. */
const list3 = 0x93
const letter = 0xa1

/** Of windows: told without being unpacked. */
const isOfWindows = (packed: Uint8Array): boolean =>
  packed[0] === list3 && packed[1] === letter && (packed[2] === 'w'.charCodeAt(0) || packed[2] === 'c'.charCodeAt(0))

const unpackWindows = (packed: Uint8Array): WindowLog => {
  const blob = unpackData(packed)
  if (!Array.isArray(blob)) throw new Error('a change is no list')
  const [kind, stage] = blob as unknown as readonly [string, string] // as: packChanges wrote it
  return kind === 'w' ? { stage, cells: unpackCells(listAt(blob, 2)), closed: [] } : { stage, cells: [], closed: listAt(blob, 2) as number[] } // as: likewise
}

const applyPartition = (state: RestoredState, packed: PackedPartition): void => {
  const read = state.partitions.get(packed[0]) ?? new Map<string, PartitionProgress>()
  state.partitions.set(packed[0], read.set(packed[1], unpackPartition(packed)))
}

const applyBlob = (state: RestoredState, packed: Uint8Array): void => {
  if (isOfWindows(packed)) return
  const blob = unpackData(packed)
  if (!Array.isArray(blob)) throw new Error('a change is no list')
  const [kind] = blob as readonly Data[] // as: isArray does not narrow readonly arrays
  if (kind === 'p') for (const one of listAt(blob, 1) as PackedPartition[]) applyPartition(state, one) // as: packChanges wrote it, here and below
  else if (kind === 'r') for (const run of listAt(blob, 1) as RunRecord[]) state.runs.set(run.id, run)
  else if (kind === 'x') for (const id of listAt(blob, 1) as string[]) state.runs.delete(id)
  else throw new Error(`unknown kind of change '${String(kind)}'`)
}

const isHeader = ({ epoch, graph, counters, tokens, ledger }: CheckpointHeader): boolean =>
  Number.isSafeInteger(epoch) && Array.isArray(graph) && [counters, tokens, ledger].every((part) => typeof part === 'object' && part !== null)

const damaged = (pipeline: string, why: string, cause?: unknown): ConnectorError =>
  new ConnectorError({ _tag: 'Checkpoint', code: 'DataLoss', message: `the checkpoint of pipeline '${pipeline}' cannot be used: ${why}. Nothing was read or written; restore the store from a copy, or begin in an empty one.`, cause })

const inLog = <A>(pipeline: string, read: () => A): A => {
  try {
    return read()
  } catch (error) {
    throw damaged(pipeline, 'its log of state is damaged', error)
  }
}

/**
 * Reads a checkpoint back, but for its windows.
 * @throws ConnectorError `DataLoss` if it is damaged, or written by a version that this one does not know
 */
export const restoreCheckpoint = (pipeline: string, stored: StoredCheckpoint): { readonly header: CheckpointHeader; readonly state: RestoredState } => {
  const state: RestoredState = { partitions: new Map(), runs: new Map() }
  const header = stored.header as unknown as CheckpointHeader // as: its format is checked next
  if (header?.format !== 1) throw damaged(pipeline, `its format is ${String(header?.format)}, this version reads 1`)
  if (!isHeader(header)) throw damaged(pipeline, 'its header is not whole')
  for (const blob of stored.changes) inLog(pipeline, () => applyBlob(state, blob))
  return { header, state }
}

/**
 * Reads the windows of a checkpoint back, some at a time, the newest first: much of what is older is of no use then.
 * @throws ConnectorError `DataLoss` if it is damaged
 */
export const restoreWindows = (pipeline: string, { changes }: StoredCheckpoint, apply: (log: WindowLog) => void): void => {
  for (const blob of changes.toReversed()) if (isOfWindows(blob)) apply(inLog(pipeline, () => unpackWindows(blob)))
}

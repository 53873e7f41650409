import { packData, unpackData } from '../codec/data.js'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import type { StoredCheckpoint } from '../store.js'
import type { WatermarkState } from '../time/partition-watermark.js'
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
export interface WindowLog {
  readonly stage: string
  readonly cells: readonly { readonly start: number; readonly key: string; readonly acc: unknown }[]
  readonly closed: readonly number[]
}

/** What one epoch adds to the log of state. */
export interface StateChanges {
  readonly windows: readonly WindowLog[]
  readonly partitions: readonly { readonly read: string; readonly partition: string; readonly progress: PartitionProgress }[]
  readonly runs: readonly RunRecord[]
  readonly removedRuns: readonly string[]
}

/** Small, and replaced with every epoch. */
export interface CheckpointHeader {
  readonly format: 1
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

// −∞ and +∞ are Data, so watermarks go as they are; undefined is not, so absent things go as null.
const packPartition = ({ read, partition, progress }: StateChanges['partitions'][number]): Data => [
  read,
  partition,
  progress.offset ?? null,
  progress.ended,
  progress.digest ?? null,
  progress.watermarks.map(([stage, s]) => [stage, s.max, s.floor, s.jumpLeast, s.jumpGreatest, s.jumpCount]),
]

const packCells = (cells: WindowLog['cells']): Data => {
  const flat: Data[] = []
  for (const { start, key, acc } of cells) flat.push(start, key, acc as Data) // as: accumulators are Data by contract, checked where they are first saved
  return flat
}

const asData = (record: RunRecord): Data => record as unknown as Data // as: an interface of Data members is not assignable to an index signature

/** The changes as blobs of a bounded number of accumulators each. */
export const packChanges = (changes: StateChanges): Uint8Array[] => {
  const blobs: Uint8Array[] = []
  for (const { stage, cells, closed } of changes.windows) {
    for (let from = 0; from < cells.length; from += cellsABlob) blobs.push(packData(['w', stage, packCells(cells.slice(from, from + cellsABlob))]))
    if (closed.length > 0) blobs.push(packData(['c', stage, closed]))
  }
  if (changes.partitions.length > 0) blobs.push(packData(['p', changes.partitions.map(packPartition)]))
  if (changes.runs.length > 0) blobs.push(packData(['r', changes.runs.map(asData)]))
  if (changes.removedRuns.length > 0) blobs.push(packData(['x', changes.removedRuns]))
  return blobs
}

/** What a log says once it is read from its beginning. */
export interface RestoredState {
  readonly windows: Map<string, { readonly cells: { start: number; key: string; acc: unknown }[]; readonly closed: number[] }[]>
  readonly partitions: Map<string, Map<string, PartitionProgress>>
  readonly runs: Map<string, RunRecord>
}

type PackedPartition = [string, string, Data, boolean, string | null, [string, number, number, number, number, number][]]

const unpackPartition = ([, , offset, ended, digest, watermarks]: PackedPartition): PartitionProgress => ({
  offset: offset ?? undefined,
  ended,
  digest: digest ?? undefined,
  watermarks: watermarks.map(([stage, max, floor, jumpLeast, jumpGreatest, jumpCount]) => [stage, { max, floor, jumpLeast, jumpGreatest, jumpCount }]),
})

const unpackCells = (flat: readonly unknown[]): { start: number; key: string; acc: unknown }[] => {
  const cells = []
  for (let i = 0; i < flat.length; i += 3) cells.push({ start: flat[i] as number, key: flat[i + 1] as string, acc: flat[i + 2] }) // as: packCells wrote it
  return cells
}

const applyBlob = (state: RestoredState, blob: Uint8Array): void => {
  const [kind, ...rest] = unpackData(blob) as readonly unknown[] as [string, ...unknown[]] // as: packChanges wrote it, here and below
  if (kind === 'w' || kind === 'c') {
    const [stage, list] = rest as [string, unknown[]]
    const log = state.windows.get(stage) ?? []
    log.push(kind === 'w' ? { cells: unpackCells(list), closed: [] } : { cells: [], closed: list as number[] })
    state.windows.set(stage, log)
  } else if (kind === 'p') {
    for (const packed of rest[0] as PackedPartition[]) {
      const read = state.partitions.get(packed[0]) ?? new Map<string, PartitionProgress>()
      state.partitions.set(packed[0], read.set(packed[1], unpackPartition(packed)))
    }
  } else if (kind === 'r') for (const run of rest[0] as RunRecord[]) state.runs.set(run.id, run)
  else if (kind === 'x') for (const id of rest[0] as string[]) state.runs.delete(id)
  else throw new Error(`unknown kind of change '${kind}'`)
}

/**
 * Reads a checkpoint back.
 * @throws ConnectorError `DataLoss` if it is damaged, or written by a version that this one does not know
 */
export const restoreCheckpoint = (pipeline: string, stored: StoredCheckpoint): { readonly header: CheckpointHeader; readonly state: RestoredState } => {
  const state: RestoredState = { windows: new Map(), partitions: new Map(), runs: new Map() }
  const damaged = (why: string, cause?: unknown): ConnectorError =>
    new ConnectorError({ _tag: 'Checkpoint', code: 'DataLoss', message: `the checkpoint of pipeline '${pipeline}' cannot be used: ${why}. Nothing was read or written; restore the store from a copy, or begin in an empty one.`, cause })
  const header = stored.header as unknown as CheckpointHeader // as: its format is checked next
  if (header?.format !== 1) throw damaged(`its format is ${String(header?.format)}, this version reads 1`)
  try {
    for (const blob of stored.changes) applyBlob(state, blob)
  } catch (error) {
    throw damaged('its log of state is damaged', error)
  }
  return { header, state }
}

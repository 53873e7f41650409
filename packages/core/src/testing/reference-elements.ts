import type { StageKind } from '../dead-letter/row.js'
import type { Envelope, Origin, Position } from '../envelope.js'
import type { Failure } from '../failure.js'
import type { PackedRecords, SourceRecord } from '../source.js'
import type { MemoryBatch } from './memory-entries.js'
import type { MemoryPartition } from './memory-source.js'

/** What the reference interpreter moves: an envelope and what its stages need to know of its source record. @public */
export interface Element extends Envelope<unknown> {
  /** Floor of its own partition before its batch: −∞ if there was none. */
  readonly floorMillis: number
  readonly failure: Failure | undefined
  /** Its place in its partition, and what happened around it there. */
  readonly place: Place
  /** Behind `eventTime`: when something may be missing. */
  readonly blind: readonly Blind[]
  /** Behind a `keyBy`. */
  readonly key: string | undefined
}

/** One bad element, as the reference interpreter sees it: which stage refused what. @public */
export interface ReferenceDeadLetter {
  readonly stage: string
  readonly kind: StageKind
  readonly origin: Origin
  readonly path: readonly number[]
  /** NaN before it has one. */
  readonly eventTimeMillis: number
  /** Of what reached an aggregate. */
  readonly key: string | undefined
  readonly attributes: Readonly<Record<string, string>> | undefined
}

/** Where something may be missing: later than `from`, up to `to`. */
export type Blind = readonly [from: number, to: number]

/** What happens in a partition, one after the other. */
export type LaneStep =
  | { readonly kind: 'gap' }
  | { readonly kind: 'record'; readonly silentMillis: number }
  | { readonly kind: 'silence'; readonly millis: number }
  | { readonly kind: 'floor'; readonly millis: number }

/** A partition, apart from the values of its records. */
export interface Lane {
  readonly steps: readonly LaneStep[]
  /** It comes to its end by itself. */
  readonly ends: boolean
}

/** Which record of which partition, and all partitions of the read. */
export interface Place {
  readonly index: number
  readonly lane: Lane
  readonly lanes: readonly Lane[]
}

interface PlainRecord {
  readonly silentMillis?: number
  readonly value: unknown
  readonly position: Position
  readonly receivedAtMillis: number
  readonly attributes?: Readonly<Record<string, string>>
  readonly failure?: Failure
}

const unpack = (packed: PackedRecords): readonly PlainRecord[] =>
  Array.from({ length: packed.count }, (_, i) => {
    const failure = packed.failures?.get(i)
    return {
      silentMillis: packed.silentMillis?.[i] ?? 0,
      value: packed.buffer.subarray(packed.starts[i], packed.ends[i]),
      position: [packed.positions[i] ?? Number.NaN],
      receivedAtMillis: Number(packed.receivedAtMillis instanceof Float64Array ? packed.receivedAtMillis[i] : packed.receivedAtMillis),
      ...(failure && { failure }),
    }
  })

const recordsOf = ({ records }: MemoryBatch<unknown>): readonly PlainRecord[] =>
  // as: the conditional type of `records` is not decided for unknown records
  Array.isArray(records) ? (records as readonly SourceRecord<unknown>[]) : unpack(records as PackedRecords)

/** The batches before the partition's end. */
const batchesOf = ({ entries }: MemoryPartition<unknown>): readonly MemoryBatch<unknown>[] => {
  const end = entries.findIndex((entry) => entry._tag === 'End')
  return (end < 0 ? entries : entries.slice(0, end)).filter((entry) => entry._tag === 'Batch')
}

const greatest = (numbers: readonly number[]): number => Math.max(Number.NEGATIVE_INFINITY, ...numbers)

/** The greatest floor of the batches before this one: a floor holds for later batches only. */
const floorBefore = (batches: readonly MemoryBatch<unknown>[], index: number): number =>
  greatest(batches.slice(0, index).flatMap(({ floorMillis }) => floorMillis ?? []))

/** Of what no record is. */
export const nowhere: Place = { index: 0, lane: { steps: [], ends: true }, lanes: [] }

const elementOf = (source: string, partition: string, floorMillis: number, record: PlainRecord): Element => ({
  value: record.value,
  origin: { source, partition, position: record.position },
  path: [],
  eventTimeMillis: Number.NaN,
  bornUnderMillis: Number.NEGATIVE_INFINITY,
  receivedAtMillis: record.receivedAtMillis,
  attributes: record.attributes,
  floorMillis,
  failure: record.failure,
  place: nowhere,
  blind: [],
  key: undefined,
})

const laneOf = (partition: MemoryPartition<unknown>): Lane => ({
  steps: batchesOf(partition).flatMap((batch) => [
    ...(batch.gap === undefined ? [] : [{ kind: 'gap' as const }]),
    ...recordsOf(batch).map(({ silentMillis = 0 }) => ({ kind: 'record' as const, silentMillis })),
    ...(batch.silentMillis === undefined ? [] : [{ kind: 'silence' as const, millis: batch.silentMillis }]),
    ...(batch.floorMillis === undefined ? [] : [{ kind: 'floor' as const, millis: batch.floorMillis }]),
  ]),
  ends: partition.entries.some(({ _tag }) => _tag === 'End'),
})

const readPartition = (source: string, partition: MemoryPartition<unknown>): readonly Element[] =>
  batchesOf(partition).flatMap((batch, index, batches) =>
    recordsOf(batch).map((record) => elementOf(source, partition.name, floorBefore(batches, index), record)),
  )

/** Every record of a read, partition by partition, in the partition's order. */
export const readAll = (source: string, partitions: readonly MemoryPartition<unknown>[]): readonly Element[] => {
  const lanes = partitions.map(laneOf)
  return partitions.flatMap((partition, which) => {
    const lane = lanes[which] as Lane // as: a lane per partition
    return readPartition(source, partition).map((element, index) => ({ ...element, place: { index, lane, lanes } }))
  })
}

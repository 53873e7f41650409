import type { ConnectorError, Failure } from '../failure.js'
import type { Position } from '../envelope.js'
import type { PackedRecords, SourceBatch, SourceRecord } from '../source.js'

/** One batch of a memory source. Its offset is its index among the batches of its partition. @public */
export interface MemoryBatch<A> extends Omit<SourceBatch<A, number>, 'offset'> {
  readonly _tag: 'Batch'
}

/** What a memory source does, in order: data, and in between orders to itself. @public */
export type MemoryEntry<A> =
  | MemoryBatch<A>
  | { readonly _tag: 'Pause'; readonly millis: number }
  | { readonly _tag: 'Error'; readonly error: ConnectorError }
  | { readonly _tag: 'End' }

/** Everything of a batch but its records and offset. @public */
export type MemoryBatchExtras = Omit<MemoryBatch<unknown>, 'records' | '_tag'>

/** A batch from records that exist already; packed records are passed on by reference on every read, never copied. @public */
export const memoryBatch = <A>(
  records: MemoryBatch<A>['records'],
  extras: MemoryBatchExtras = {},
): MemoryBatch<A> => ({ _tag: 'Batch', records, ...extras })

/** Sleep on the context's clock, then go on. @public */
export const pauseFor = (millis: number): MemoryEntry<never> => ({ _tag: 'Pause', millis })

/** Error the read here, once in the life of the source: the next read passes. @public */
export const failOnce = (error: ConnectorError): MemoryEntry<never> => ({ _tag: 'Error', error })

/** Complete the partition here, also if it is unbounded. @public */
export const endOfPartition: MemoryEntry<never> = { _tag: 'End' }

/** What `memoryRecords` gives all its records. @public */
export interface MemoryRecordsOptions<A> {
  /** Position of the first record, the next ones count up from it; default 0. Or a function of value and index. */
  readonly position?: number | ((value: A, index: number) => Position)
  /** Default 0. */
  readonly receivedAtMillis?: number | ((value: A, index: number) => number)
  readonly attributes?: Readonly<Record<string, string>>
  /** By index. */
  readonly failures?: ReadonlyMap<number, Failure>
}

const bytesOf = (value: unknown): number =>
  value instanceof Uint8Array ? value.length : typeof value === 'string' ? Buffer.byteLength(value) : 1

/** Records from plain values, one after the other. @public */
export const memoryRecords = <A>(
  values: readonly A[],
  { position = 0, receivedAtMillis = 0, attributes, failures }: MemoryRecordsOptions<A> = {},
): readonly SourceRecord<A>[] =>
  values.map((value, index) => {
    const failure = failures?.get(index)
    return {
      value,
      position: typeof position === 'number' ? [position + index] : position(value, index),
      receivedAtMillis: typeof receivedAtMillis === 'number' ? receivedAtMillis : receivedAtMillis(value, index),
      bytes: bytesOf(value),
      ...(attributes && { attributes }),
      ...(failure && { failure }),
    }
  })

/** How `packRecords` lays out its records. @public */
export interface PackRecordsOptions {
  /** Position of the first byte of the buffer; default 0. A record's position is that of its first byte. */
  readonly firstPosition?: number
  /** Default 0. */
  readonly receivedAtMillis?: number
  /** Say which neighbours may be parsed in one call, by the rule of `PackedRecords.joinable`; default false. */
  readonly joinable?: boolean
  /** By index. */
  readonly failures?: ReadonlyMap<number, Failure>
}

const newline = 0x0a
const openBrace = 0x7b
const closeBrace = 0x7d

const isFlatObject = (record: Buffer): boolean =>
  record.length > 1 &&
  record.indexOf(openBrace) === 0 &&
  record.lastIndexOf(openBrace) === 0 &&
  record.indexOf(closeBrace) === record.length - 1

const joinableFlags = (records: readonly Buffer[], failures?: ReadonlyMap<number, Failure>): Uint8Array => {
  const sound = records.map((record, index) => isFlatObject(record) && failures?.has(index) !== true)
  return Uint8Array.from(sound, (isSound, index) => (isSound && sound[index + 1] === true ? 1 : 0))
}

/** Byte records over one new buffer, with a newline between them. @public */
export const packRecords = (
  lines: readonly (string | Uint8Array)[],
  { firstPosition = 0, receivedAtMillis = 0, joinable = false, failures }: PackRecordsOptions = {},
): PackedRecords => {
  const records = lines.map((line) => (typeof line === 'string' ? Buffer.from(line) : Buffer.from(line)))
  const starts = new Uint32Array(records.length)
  const ends = new Uint32Array(records.length)
  let at = 0
  records.forEach((record, index) => {
    starts[index] = at
    ends[index] = at + record.length
    at += record.length + 1
  })
  const newlineBytes = Buffer.of(newline)
  return {
    _tag: 'Packed',
    count: records.length,
    buffer: Buffer.concat(records.flatMap((record) => [record, newlineBytes])),
    starts,
    ends,
    positions: Float64Array.from(starts, (start) => firstPosition + start),
    receivedAtMillis,
    ...(joinable && { joinable: joinableFlags(records, failures) }),
    ...(failures && { failures }),
  }
}

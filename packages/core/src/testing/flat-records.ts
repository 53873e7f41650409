import type { Position } from '../envelope.js'
import type { Failure } from '../failure.js'
import { receivedAtOf } from '../packed.js'
import type { PackedRecords, SourceBatch, SourceRecord } from '../source.js'

/** One record of a batch, packed or not, in one form. @public */
export interface FlatRecord<A> {
  readonly value: A
  readonly position: Position
  readonly receivedAtMillis: number
  readonly bytes: number
  readonly attributes?: Readonly<Record<string, string>>
  readonly failure?: Failure
}

/** Tells the two forms of `SourceBatch.records` apart. */
export const isPacked = <A>(records: SourceBatch<A, unknown>['records']): records is typeof records & PackedRecords =>
  '_tag' in records

/** The bytes of one packed record: a view, not a copy. */
export const packedBytes = (packed: PackedRecords, index: number): Buffer =>
  packed.buffer.subarray(packed.starts[index], packed.ends[index])

const flatPacked = (packed: PackedRecords): readonly FlatRecord<Uint8Array>[] =>
  Array.from({ length: packed.count }, (_, index) => {
    const value = packedBytes(packed, index)
    const failure = packed.failures?.get(index)
    return {
      value,
      position: [packed.positions[index] ?? Number.NaN],
      receivedAtMillis: receivedAtOf(packed, index),
      bytes: packed.trueBytes?.get(index) ?? value.length,
      ...(failure && { failure }),
    }
  })

/** All records of a batch, one object each: for tests, not for pipelines. @public */
export const flatRecords = <A>(batch: SourceBatch<A, unknown>): readonly FlatRecord<A>[] =>
  isPacked(batch.records)
    ? // Packed records exist only where A takes bytes.
      (flatPacked(batch.records) as readonly FlatRecord<unknown>[] as readonly FlatRecord<A>[])
    : (batch.records as readonly SourceRecord<A>[]) // What is not packed is an array.

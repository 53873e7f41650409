import { offsetOf } from '../combine/slab.js'
import type { Origin } from '../envelope.js'
import type { Failure } from '../failure.js'
import { receivedAtOf } from '../packed.js'
import type { PackedRecords, SourceRecord } from '../source.js'
import { noPath, type Payload, type Records } from './records.js'

/** Records of one partition that share a buffer. */
export class PackedSourceRecords implements Records {
  constructor(
    readonly source: string,
    readonly partition: string,
    readonly packed: PackedRecords,
  ) {}

  get count(): number {
    return this.packed.count
  }

  origin(row: number): Origin {
    return { source: this.source, partition: this.partition, position: [this.packed.positions[row] as number] } // as: row < count
  }

  partitionOf(_row: number): string {
    return this.partition
  }

  offsetOf(row: number): number {
    return this.packed.positions[row] as number // as: row < count
  }

  receivedAt(row: number): number {
    return receivedAtOf(this.packed, row)
  }

  attributes(_row: number): undefined {
    return undefined
  }

  value(row: number): Uint8Array {
    return this.packed.buffer.subarray(this.packed.starts[row], this.packed.ends[row])
  }

  failure(row: number): Failure | undefined {
    return this.packed.failures?.get(row)
  }

  payload(row: number): Payload {
    return { value: this.value(row), truncated: this.packed.trueBytes?.has(row) ?? false }
  }

  path(_row: number): readonly number[] {
    return noPath
  }
}

/** Records of one partition as the source listed them. */
export class ListedSourceRecords implements Records {
  constructor(
    readonly source: string,
    readonly partition: string,
    readonly list: readonly SourceRecord<unknown>[],
  ) {}

  get count(): number {
    return this.list.length
  }

  #at(row: number): SourceRecord<unknown> {
    return this.list[row] as SourceRecord<unknown> // as: row < count
  }

  origin(row: number): Origin {
    return { source: this.source, partition: this.partition, position: this.#at(row).position }
  }

  partitionOf(_row: number): string {
    return this.partition
  }

  offsetOf(row: number): number {
    return offsetOf(this.#at(row).position)
  }

  receivedAt(row: number): number {
    return this.#at(row).receivedAtMillis
  }

  attributes(row: number): Readonly<Record<string, string>> | undefined {
    return this.#at(row).attributes
  }

  value(row: number): unknown {
    return this.#at(row).value
  }

  failure(row: number): Failure | undefined {
    return this.#at(row).failure
  }

  payload(row: number): Payload {
    const { value, bytes } = this.#at(row)
    return { value, truncated: value instanceof Uint8Array && value.byteLength < bytes }
  }

  path(_row: number): readonly number[] {
    return noPath
  }
}

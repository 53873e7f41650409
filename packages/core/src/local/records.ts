import { offsetOf } from '../combine/slab.js'
import type { Envelope, Origin, Position } from '../envelope.js'
import type { Failure } from '../failure.js'
import type { PackedRecords, SourceRecord } from '../source.js'

/** The whole source record, for its dead letters. */
export interface Payload {
  readonly value: unknown
  readonly truncated: boolean
}

/** What elements of a batch share: the records they come from, seen by row. */
export interface Records {
  readonly count: number
  origin(row: number): Origin
  /** The partition of its origin. */
  partitionOf(row: number): string
  /** The position of its origin, if that is one number; else NaN. */
  offsetOf(row: number): number
  receivedAt(row: number): number
  attributes(row: number): Readonly<Record<string, string>> | undefined
  value(row: number): unknown
  failure(row: number): Failure | undefined
  payload(row: number): Payload | undefined
  /** Where the source record of a row is, if not here. */
  home?(row: number): RecordPlace | undefined
  /** What the path of its elements begins with. */
  path(row: number): readonly number[]
}

/** One source record of a batch. */
export interface RecordPlace {
  readonly records: Records
  readonly row: number
}

const noPath: readonly number[] = []

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

  receivedAt(_row: number): number {
    return this.packed.receivedAtMillis
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

/** Panes that a window fired: each is a record of its own, named by its key and window. */
export class PaneRecords implements Records {
  constructor(
    readonly stage: string,
    readonly keys: readonly string[],
    readonly positions: readonly Position[],
  ) {}

  get count(): number {
    return this.keys.length
  }

  origin(row: number): Origin {
    return { source: this.stage, partition: this.keys[row] as string, position: this.positions[row] as Position } // as: row < count
  }

  partitionOf(row: number): string {
    return this.keys[row] as string // as: row < count
  }

  offsetOf(_row: number): number {
    return Number.NaN
  }

  receivedAt(row: number): number {
    return this.positions[row]?.[1] as number // as: a pane's position is [start, end, index]
  }

  attributes(_row: number): undefined {
    return undefined
  }

  value(_row: number): undefined {
    return undefined
  }

  failure(_row: number): undefined {
    return undefined
  }

  payload(_row: number): undefined {
    return undefined
  }

  path(_row: number): readonly number[] {
    return noPath
  }
}

/** What came back from an RxJS operator: envelopes that may come from anywhere. */
export class EnvelopeRecords implements Records {
  constructor(
    readonly list: readonly Envelope<unknown>[],
    readonly homes: (envelope: Envelope<unknown>) => RecordPlace | undefined,
  ) {}

  get count(): number {
    return this.list.length
  }

  #at(row: number): Envelope<unknown> {
    return this.list[row] as Envelope<unknown> // as: row < count
  }

  origin(row: number): Origin {
    return this.#at(row).origin
  }

  partitionOf(row: number): string {
    return this.#at(row).origin.partition
  }

  offsetOf(row: number): number {
    return offsetOf(this.#at(row).origin.position)
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

  failure(_row: number): undefined {
    return undefined
  }

  home(row: number): RecordPlace | undefined {
    return this.homes(this.#at(row))
  }

  payload(row: number): Payload | undefined {
    const home = this.home(row)
    return home?.records.payload(home.row)
  }

  path(row: number): readonly number[] {
    return this.#at(row).path
  }
}

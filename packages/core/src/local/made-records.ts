import { offsetOf } from '../combine/slab.js'
import type { Envelope, Origin, Position } from '../envelope.js'
import { noPath, type Payload, type RecordPlace, type Records } from './records.js'

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

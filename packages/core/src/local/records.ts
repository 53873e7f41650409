import type { Origin } from '../envelope.js'
import type { Failure } from '../failure.js'

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

/** The path of what no flatMap has made. */
export const noPath: readonly number[] = []

import { packData, unpackData } from '../../codec/data.js'
import type { Data } from '../../data.js'
import type { Position } from '../../envelope.js'
import type { Failure } from '../../failure.js'
import { MOST_NUMBERS } from './record-form.js'

/** What few records have: packed, between the position and the value. */
export interface RecordDetails {
  /** Where it is not a few numbers. */
  readonly position?: Position
  readonly failure?: Failure
  /** True length of a value that was cut. */
  readonly bytes?: number
}

/** Whether the position is written out as numbers. */
export const isFewNumbers = (position: Position): position is readonly number[] => {
  if (position.length > MOST_NUMBERS) return false
  for (const part of position) if (typeof part !== 'number') return false
  return true
}

// The cause may be anything, and is for the log of the process in which it happened.
const failureData = ({ _tag, code, message, path, retryable }: Failure): Data => ({
  _tag,
  code,
  message,
  ...(path !== undefined && { path }),
  ...(retryable !== undefined && { retryable }),
})

/** Undefined if there are none. */
export const packDetails = ({ position, failure, bytes }: RecordDetails): Uint8Array | undefined => {
  if (position === undefined && failure === undefined && bytes === undefined) return undefined
  return packData({ ...(position && { position: [...position] }), ...(failure && { failure: failureData(failure) }), ...(bytes !== undefined && { bytes }) })
}

/** What `packDetails` packed: the record's checksum has been looked at. */
export const unpackDetails = (packed: Uint8Array): RecordDetails => unpackData(packed) as RecordDetails // as: written by the above

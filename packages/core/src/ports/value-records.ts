import type { SourceRecord } from '../source.js'

/** What counts against credit: an object that lives in memory anyway counts as one. */
export const sizeOf = (value: unknown): number => {
  if (value instanceof Uint8Array) return value.byteLength
  return typeof value === 'string' ? Buffer.byteLength(value) : 1
}

/** A record of a value that code gave. */
export const recordOf = <A>(value: A, position: SourceRecord<A>['position'], receivedAtMillis: number): SourceRecord<A> => ({
  value,
  position,
  receivedAtMillis,
  bytes: sizeOf(value),
})

/** @throws RangeError naming the function and the option */
export const checkCount = (what: string, value: number): number => {
  if (Number.isInteger(value) && value >= 1) return value
  throw new RangeError(`${what} must be an integer ≥ 1, got ${value}`)
}

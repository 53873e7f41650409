import { base64, quoted, reasonOf } from './json-text.js'

/** An array or object that is being written: which part of it comes next. */
export interface OpenNode {
  /** By which a cycle is known. */
  readonly identity: object
  /** What is indexed: an array of parts, or an object read by `keys`. */
  readonly parts: ArrayLike<unknown> | Readonly<Record<string, unknown>>
  /** Absent for what is written as an array. */
  readonly keys: readonly string[] | undefined
  readonly length: number
  next: number
  /** How many parts were written: whether a comma is due. */
  written: number
}

/** What a value is in JSON: its text, a node to go into, or nothing at all (`undefined`). */
export type Opened = string | OpenNode | undefined

/** Wider than any number that a person reads; the cost of a BigInt's digits grows with the square of its length. */
const MAX_BIGINT_BITS = 16_384

const unreadable = (thrown: unknown, roomBytes: number): string => quoted(`[unreadable: ${reasonOf(thrown)}]`, roomBytes)

const bigint = (value: bigint): string =>
  BigInt.asIntN(MAX_BIGINT_BITS, value) === value ? `"${value}n"` : '"[bigint too long to show]"'

/** What `value` is in JSON; never throws. */
export const open = (value: unknown, roomBytes: number): Opened => {
  switch (typeof value) {
    case 'string':
      return quoted(value, roomBytes)
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`
    case 'boolean':
      return String(value)
    case 'bigint':
      return bigint(value)
    case 'undefined':
      return undefined
    case 'symbol':
      return quoted(`Symbol(${value.description ?? ''})`, roomBytes)
    default:
      return openReference(value, roomBytes)
  }
}

/** What the part `key` of `parts` is in JSON; a getter that throws is told, not thrown. */
export const openPart = (parts: OpenNode['parts'], key: string | number, roomBytes: number): Opened => {
  try {
    // Both kinds of parts are read by their own kind of key.
    return open((parts as Readonly<Record<string | number, unknown>>)[key], roomBytes)
  } catch (thrown) {
    return unreadable(thrown, roomBytes)
  }
}

// `typeof` leaves only null, objects and functions, which TypeScript cannot see of `unknown`.
const openReference = (value: unknown, roomBytes: number): Opened => {
  try {
    if (value === null) return 'null'
    if (typeof value === 'function') return quoted(`[function ${value.name}]`, roomBytes)
    return openObject(value as object, roomBytes) // see above
  } catch (thrown) {
    return unreadable(thrown, roomBytes)
  }
}

const openObject = (value: object, roomBytes: number): Opened => {
  if (value instanceof Uint8Array || value instanceof DataView)
    return base64(value.buffer, value.byteOffset, value.byteLength, roomBytes)
  if (value instanceof ArrayBuffer) return base64(value, 0, value.byteLength, roomBytes)
  if (value instanceof Number || value instanceof String || value instanceof Boolean)
    return open(value.valueOf(), roomBytes)
  const toJson: unknown = 'toJSON' in value ? value.toJSON : undefined
  const plain: unknown = typeof toJson === 'function' ? toJson.call(value, '') : value
  return typeof plain === 'object' && plain !== null ? nodeOf(plain, roomBytes) : open(plain, roomBytes)
}

const nodeOf = (value: object, roomBytes: number): OpenNode => {
  if (Array.isArray(value)) return listNode(value, value)
  // All views but DataView, which openObject took, are lists of numbers.
  if (ArrayBuffer.isView(value)) return listNode(value, value as unknown as ArrayLike<unknown>)
  if (value instanceof Map || value instanceof Set) return listNode(value, beginning(value, roomBytes))
  const keys = Object.keys(value)
  if (value instanceof Error) keys.unshift('name', 'message')
  // Any object can be read by its own keys.
  const parts = value as Readonly<Record<string, unknown>>
  return { identity: value, parts, keys, length: keys.length, next: 0, written: 0 }
}

const listNode = (identity: object, parts: ArrayLike<unknown>): OpenNode =>
  ({ identity, parts, keys: undefined, length: parts.length, next: 0, written: 0 })

/** One more part than there are bytes left: no part takes less than one. */
const beginning = (parts: Iterable<unknown>, roomBytes: number): unknown[] => {
  const taken: unknown[] = []
  for (const part of parts) {
    if (taken.length > roomBytes) break
    taken.push(part)
  }
  return taken
}

import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import { reasonOf } from './json-text.js'

/** Far more than any state needs, and far less than overflows a stack. A cycle is too deep as well. */
export const MAX_DATA_DEPTH = 1_000

/** Node's own (V8 11.3); TypeScript's es2023 library does not have it yet. */
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed()

/** The fast answer, with no word why; may throw what a getter throws. */
export const isData = (value: unknown): value is Data => fits(value, MAX_DATA_DEPTH)

const fits = (value: unknown, levels: number): boolean => {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return true
    case 'string':
      return isWellFormed(value)
    case 'object':
      return value === null || (levels > 0 && holdsData(value, levels - 1))
    default:
      return false
  }
}

const holdsData = (value: object, levels: number): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Array.prototype) return Array.isArray(value) && listFits(value, levels)
  if (prototype === Object.prototype || prototype === null) return !Array.isArray(value) && objectFits(value, levels)
  return value instanceof Uint8Array
}

const listFits = (list: readonly unknown[], levels: number): boolean => {
  for (let i = 0; i < list.length; i++) if (!fits(list[i], levels)) return false
  return true
}

const objectFits = (object: object, levels: number): boolean => {
  for (const key in object) {
    const part = (object as Readonly<Record<string, unknown>>)[key] // any object can be read by its own keys
    if (key === '__proto__' || !isWellFormed(key) || !fits(part, levels)) return false
  }
  return Object.getOwnPropertySymbols(object).length === 0
}

/**
 * Checks that a value is {@link Data}: `null`, booleans, numbers, well-formed strings, `Uint8Array`, arrays without
 * holes, and plain objects, at most 1,000 levels deep. No `undefined` (leave the field out, or use `null`), dates, maps,
 * class instances, BigInt, functions, symbols, cycles, lone surrogates (MessagePack is UTF-8), nor a field `__proto__`.
 *
 * @param where - what holds the value, for the message: `the state of stage "ohlcv"`
 * @throws ConnectorError `NotData` (`InvalidArgument`), whose message names `where`, the place in the value, and what is
 * there; `path` is the place as a JSON Pointer
 * @public
 */
export function assertData(value: unknown, where: string): asserts value is Data {
  try {
    if (isData(value)) return
  } catch (cause) {
    throw notData(`${where} cannot be read: ${reasonOf(cause)}`, '', cause)
  }
  const { path, what } = culprit(value, '', MAX_DATA_DEPTH) ?? { path: '', what: 'no Data' }
  const place = path === '' ? 'is' : `has at ${shortened(path)}`
  throw notData(`${where} ${place} ${what}: ${REMEDY}`, path)
}

const REMEDY = 'only null, booleans, numbers, strings, Uint8Array, arrays and plain objects can be kept'

const notData = (message: string, path: string, cause?: unknown): ConnectorError =>
  new ConnectorError({ _tag: 'NotData', code: 'InvalidArgument', message, path, cause })

/** A place 1,000 levels down is shown by its ends. */
const shortened = (path: string): string => (path.length <= 200 ? path : `${path.slice(0, 100)}…${path.slice(-90)}`)

interface Culprit {
  readonly path: string
  readonly what: string
}

/** The first place that is no Data, for the message: the slow way. */
const culprit = (value: unknown, path: string, levels: number): Culprit | undefined => {
  if (fits(value, levels)) return undefined
  if (typeof value !== 'object' || value === null) return { path, what: nameOf(value) }
  if (levels === 0) return { path, what: `more than ${MAX_DATA_DEPTH} levels, or a cycle` }
  if (!isPlain(value)) return { path, what: nameOf(value) }
  return inParts(value, path, levels - 1)
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) ? prototype === Array.prototype : prototype === Object.prototype || prototype === null
}

const inParts = (holder: object, path: string, levels: number): Culprit | undefined => {
  for (const [key, part] of Array.isArray(holder) ? holder.entries() : entriesOf(holder)) {
    const place = `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (key === '__proto__') return { path: place, what: 'a field named __proto__' }
    if (typeof key === 'string' && !isWellFormed(key)) return { path: place, what: 'a field name with a lone surrogate' }
    const found = culprit(part, place, levels)
    if (found !== undefined) return found
  }
  return { path, what: 'a field named by a symbol' }
}

/** With what is inherited, which msgpackr would not write and yet `in` sees. */
function* entriesOf(object: object): Iterable<[string, unknown]> {
  for (const key in object) yield [key, (object as Readonly<Record<string, unknown>>)[key]] // by its own keys
}

const nameOf = (value: unknown): string => {
  switch (typeof value) {
    case 'undefined':
      return 'undefined'
    case 'string':
      return 'a string with a lone surrogate'
    case 'bigint':
      return 'a BigInt'
    case 'object':
      return classOf(value)
    default:
      return `a ${typeof value}`
  }
}

const classOf = (value: object | null): string => {
  const name: unknown = value?.constructor?.name
  if (typeof name !== 'string' || name === 'Object') return 'an object with a prototype of its own'
  return `an object of class ${name}`
}

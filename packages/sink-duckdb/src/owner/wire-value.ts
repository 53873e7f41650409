import { ConnectorError, type Data } from '@millrace/core'
import type { QueryValue } from '../query-value.js'

/** What {@link Data} does not have, as an object with one of these fields; objects themselves are lists of pairs. */
const BIG = 'big'
const MINUS_ZERO = 'minusZero'
const PAIRS = 'pairs'

/** A value as it crosses to another process: unchanged, with its type. */
export const toWire = (value: QueryValue): Data => {
  if (typeof value === 'bigint') return { [BIG]: value.toString() }
  if (typeof value === 'number') return Object.is(value, -0) ? { [MINUS_ZERO]: true } : value
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (isList(value)) return value.map(toWire)
  return { [PAIRS]: Object.entries(value).map(([name, inner]) => [wellFormed(name), toWire(inner)]) }
}

const isList = (value: readonly QueryValue[] | { readonly [key: string]: QueryValue }): value is readonly QueryValue[] => Array.isArray(value)

/** A lone surrogate is U+FFFD to DuckDB as well. */
export const wellFormed = (text: string): string => Buffer.from(text).toString()

/** @throws ConnectorError for what {@link toWire} does not make */
export const fromWire = (data: Data): QueryValue => {
  if (typeof data !== 'object' || data === null) return data
  // As the driver gives them.
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (Array.isArray(data)) return data.map(fromWire)
  // What is left of `Data` are plain objects.
  const { big, minusZero, pairs } = data as Readonly<Record<string, Data>>
  if (typeof big === 'string' && /^-?\d+$/.test(big)) return BigInt(big)
  if (minusZero === true) return -0
  if (Array.isArray(pairs)) return Object.fromEntries(pairs.map(pairOf))
  throw notAValue()
}

const pairOf = (pair: Data): [string, QueryValue] => {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') throw notAValue()
  // Checked: there are two.
  return [pair[0], fromWire(pair[1] as Data)]
}

const notAValue = (): ConnectorError =>
  new ConnectorError({ _tag: 'OwnerProtocol', code: 'Internal', message: 'what came over the socket of a DuckDB file is no value' })

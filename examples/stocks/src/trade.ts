import * as t from 'io-ts'
import { hasOwnFields } from './own-fields.js'
import { TradeSymbol } from './symbol.js'

/** Dollars. Beyond it a price is a mistake. */
export const MAX_PRICE = 1e12
/** Shares. Beyond it a volume is a mistake. */
export const MAX_VOLUME = 1e15
/** September 2001 in Unix milliseconds. Times of today in seconds lie below it, so none is taken for milliseconds. */
export const EARLIEST_MILLIS = 1e12

/** A price per share. */
export const Price = t.refinement(t.number, (p) => p > 0 && p <= MAX_PRICE, 'a number > 0 and at most 1e12')

/** A number of shares. Zero marks a price update, which is no trade. */
export const Volume = t.refinement(t.number, (v) => v >= 0 && v <= MAX_VOLUME, 'a number >= 0 and at most 1e15')

/**
 * When the trade happened. The upper limit (a minute ahead of the record's arrival) needs the arrival, so the pipeline's
 * event time checks it; microseconds end there.
 */
export const TradeTimeMillis = t.refinement(
  t.number,
  (millis) => Number.isInteger(millis) && millis >= EARLIEST_MILLIS,
  'integer Unix milliseconds from 1e12 (smaller looks like seconds)',
)

/** Condition codes of the trade. */
export const Conditions = t.union([t.array(t.string), t.null], 'an array of strings or null')

const REQUIRED = { s: TradeSymbol, p: Price, v: Volume, t: TradeTimeMillis }
const REQUIRED_NAMES = Object.keys(REQUIRED)

/**
 * One trade, in the words of Finnhub: symbol, price, volume, Unix milliseconds, condition codes. Other fields are ignored
 * and kept.
 */
export const Trade = t.refinement(
  t.intersection([t.type(REQUIRED), t.partial({ c: Conditions })]),
  (trade) => hasOwnFields(trade, REQUIRED_NAMES),
  'a trade {s, p, v, t} with fields of its own',
)
/** @see {@link Trade} */
export type Trade = t.TypeOf<typeof Trade>

import { MARKET_SYMBOLS } from './symbols.js'
import { BAD_KINDS, badKindOf } from './bad-data.js'

/** What a simulated market is like. The same options give the same market, to the byte. @public */
export interface MarketOptions {
  /** Any integer; default 1. */
  readonly seed?: number
  /** Default: {@link MARKET_SYMBOLS}. At least one, each once. The first ones trade most. */
  readonly symbols?: readonly string[]
  /** When it opens, Unix milliseconds; default 2024-09-12T13:30:00Z. */
  readonly startMillis?: number
  /** How long it is open; > 0, may be `Infinity`; default ten minutes. */
  readonly millis?: number
  /** About how many trades happen a second, beside bursts and thin stretches; > 0, default 50. */
  readonly tradesPerSecond?: number
  /** How many trades a frame has on average; ≥ 1, default 3. No frame has more than 50. */
  readonly tradesPerFrame?: number
  /** The most by which a trade is older than the newest trade before it, in its frame or an earlier one; ≥ 0, default 2,000. */
  readonly disorderMillis?: number
  /** How many bad things come for each good trade; [0, 1], default 0.002. */
  readonly badShare?: number
  /** Names from {@link BAD_KINDS}; each has its turn. Default: all but those `onRequest`. */
  readonly badKinds?: readonly string[]
  /** The share of stocks' and crypto's trades that are price updates, of volume 0; [0, 1], default 0.01. */
  readonly priceUpdateShare?: number
}

const DEFAULTS: Required<MarketOptions> = {
  seed: 1,
  symbols: MARKET_SYMBOLS,
  startMillis: Date.UTC(2024, 8, 12, 13, 30),
  millis: 600_000,
  tradesPerSecond: 50,
  tradesPerFrame: 3,
  disorderMillis: 2_000,
  badShare: 0.002,
  badKinds: BAD_KINDS.filter(({ onRequest }) => !onRequest).map(({ kind }) => kind),
  priceUpdateShare: 0.01,
}

const check = (name: keyof MarketOptions, holds: boolean, given: unknown, wanted: string): void => {
  if (!holds) throw new TypeError(`${name} is ${String(given)}: give ${wanted}`)
}
const isShare = (value: number): boolean => value >= 0 && value <= 1

/** The options with their defaults. @throws TypeError naming the option that is wrong */
export const checkMarket = (given: MarketOptions): Required<MarketOptions> => {
  const options = { ...DEFAULTS, ...given }
  const { seed, symbols, startMillis, millis, tradesPerSecond, tradesPerFrame, disorderMillis, badShare, priceUpdateShare } = options
  check('seed', Number.isSafeInteger(seed), seed, 'an integer')
  check('symbols', symbols.length > 0 && new Set(symbols).size === symbols.length, `[${symbols.join(', ')}]`, 'at least one symbol, and each once')
  check('startMillis', Number.isSafeInteger(startMillis), startMillis, 'whole Unix milliseconds')
  check('millis', millis > 0, millis, 'a length above 0')
  check('tradesPerSecond', tradesPerSecond > 0 && tradesPerSecond < Infinity, tradesPerSecond, 'a number above 0')
  check('tradesPerFrame', tradesPerFrame >= 1, tradesPerFrame, 'a number of 1 or more')
  check('disorderMillis', Number.isSafeInteger(disorderMillis) && disorderMillis >= 0, disorderMillis, 'whole milliseconds of 0 or more')
  check('badShare', isShare(badShare), badShare, 'a share from 0 to 1')
  check('priceUpdateShare', isShare(priceUpdateShare), priceUpdateShare, 'a share from 0 to 1')
  options.badKinds.forEach(badKindOf)
  return options
}

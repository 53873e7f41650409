import type { MarketTrade } from './frame.js'
import { type Listing, listingOf } from './symbols.js'

type Conditions = readonly string[] | null | undefined

const STOCK_CONDITIONS: readonly Conditions[] = [['1'], ['1', '12'], ['1', '8', '24', '12'], [], null, undefined]

/** Most trades are plain; the other forms share the rest. */
const conditionsOf = (listing: Listing, random: () => number): Conditions => {
  if (listing.kind === 'crypto') return null
  return random() < 0.7 ? STOCK_CONDITIONS[0] : STOCK_CONDITIONS[Math.floor(random() * STOCK_CONDITIONS.length)]
}

const volumeOf = (listing: Listing, priceUpdateShare: number, random: () => number): number => {
  if (random() < priceUpdateShare) return 0
  if (listing.kind === 'crypto') return Math.ceil(random() * 99_999) / 100_000
  // Currencies are quoted rather than traded: half of what comes has no volume.
  if (listing.kind === 'currency') return random() < 0.5 ? 0 : Math.ceil(random() * 1_000)
  return random() < 0.4 ? Math.ceil(random() * 99) : 100 * Math.ceil(random() ** 4 * 40)
}

/** Makes the trades of one symbol: its price walks from one to the next. */
export class Trader {
  readonly symbol: string
  readonly #listing: Listing
  #cents: number

  constructor(symbol: string) {
    this.symbol = symbol
    this.#listing = listingOf(symbol)
    this.#cents = this.#listing.cents
  }

  /** The next trade, at event time `t`. */
  next(t: number, priceUpdateShare: number, random: () => number): MarketTrade {
    const draw = random()
    if (draw < 0.3) this.#cents = Math.max(100, this.#cents + (draw < 0.15 ? 1 : -1))
    const p = (this.#cents + Math.floor(random() * 3) - 1) / 100
    const c = conditionsOf(this.#listing, random)
    const v = volumeOf(this.#listing, priceUpdateShare, random)
    // The order of the keys is the order in which they are written, and Finnhub's.
    return c === undefined ? { p, s: this.symbol, t, v } : { c, p, s: this.symbol, t, v }
  }
}

/** Which trader is next: the first ones trade most (a Zipf-like share). */
export const traderPicker = (traders: readonly Trader[]): ((random: () => number) => number) => {
  const sums = new Float64Array(traders.length)
  let sum = 0
  for (let rank = 0; rank < traders.length; rank++) sums[rank] = sum += (rank + 1) ** -0.7
  return (random) => {
    const drawn = random() * sum
    let rank = 0
    while (rank < sums.length - 1 && drawn >= (sums[rank] ?? 0)) rank += 1
    return rank
  }
}

import { type BadKind, badKindOf } from './bad-data.js'
import { type MarketFrame, type MarketTrade, plainFrame, tradeFrame } from './frame.js'

/** Puts bad data among good: each kind in its turn, in an order of the seed's own. */
export class Planter {
  readonly #kinds: readonly BadKind[]
  readonly #share: number
  readonly #random: () => number
  #owed: number
  #next = 0

  constructor(kinds: readonly string[], share: number, random: () => number) {
    this.#kinds = kinds.map(badKindOf).map((kind) => ({ kind, rank: random() })).sort((a, b) => a.rank - b.rank).map(({ kind }) => kind)
    this.#share = this.#kinds.length === 0 ? 0 : share
    this.#random = random
    this.#owed = random()
  }

  /** The frames for these trades: one, or two where a frame that is bad as a whole stands before it. */
  framesFor(atMillis: number, trades: readonly MarketTrade[], symbol: string): readonly MarketFrame[] {
    this.#owed += this.#share * trades.length
    if (this.#owed < 1) return [tradeFrame(atMillis, trades)]
    this.#owed -= 1
    const kind = this.#kinds[this.#next % this.#kinds.length]
    this.#next += 1
    return kind === undefined ? [tradeFrame(atMillis, trades)] : this.#plant(kind, atMillis, trades, symbol)
  }

  #plant({ kind, what, make, binary }: BadKind, atMillis: number, trades: readonly MarketTrade[], symbol: string): readonly MarketFrame[] {
    const made = make(symbol, atMillis)
    if (what === 'frame' || typeof made !== 'string') return [plainFrame(atMillis, made, kind, binary), tradeFrame(atMillis, trades)]
    const index = Math.floor(this.#random() * (trades.length + 1))
    return [tradeFrame(atMillis, trades, kind, { symbol, index, text: made })]
  }
}

import { seededRandom } from '@millrace/core/testing'
import type { MarketFrame, MarketTrade } from './frame.js'
import { noticesAt } from './notices.js'
import { checkMarket, type MarketOptions } from './options.js'
import { Planter } from './planter.js'
import { type Tempo, tempoOf } from './tempo.js'
import { Trader, traderPicker } from './trader.js'

const SECOND_MILLIS = 1_000
const MOST_TRADES_OF_FRAME = 50
const USUAL_DELAY_MILLIS = 15
const LATE_SHARE = 0.08
/** Genuine trades that are equal to the one before in their frame, in every field: a fifth of all, as on a real tape. */
const EQUAL_SHARE = 0.3
const NEWEST_FIRST_SHARE = 0.3

/** A market in progress. */
class Market {
  readonly #options: Required<MarketOptions>
  readonly #random: () => number
  readonly #tempo: Tempo
  readonly #traders: readonly Trader[]
  readonly #pick: (random: () => number) => number
  readonly #planter: Planter
  #owed = 0

  constructor(options: Required<MarketOptions>) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#tempo = tempoOf(options.seed, options.millis, options.symbols.length)
    this.#traders = options.symbols.map((symbol) => new Trader(symbol))
    this.#pick = traderPicker(this.#traders)
    this.#planter = new Planter(options.badKinds, options.badShare, seededRandom(options.seed ^ 0x5bd1e995))
  }

  *frames(): Generator<MarketFrame, void> {
    const { startMillis, millis } = this.#options
    for (let second = 0; second * SECOND_MILLIS < millis; second++) {
      const fromMillis = startMillis + second * SECOND_MILLIS
      yield* noticesAt(second, fromMillis)
      yield* this.#second(second, fromMillis, Math.min(SECOND_MILLIS, startMillis + millis - fromMillis))
    }
  }

  *#second(second: number, fromMillis: number, millis: number): Generator<MarketFrame, void> {
    const sizes = this.#sizes(this.#due(second, millis))
    for (let i = 0; i < sizes.length; i++) {
      const atMillis = fromMillis + Math.floor(((i + this.#random()) / sizes.length) * millis)
      const trades = this.#trades(sizes[i] ?? 0, second, atMillis)
      const symbol = trades[0]?.s
      if (symbol !== undefined) yield* this.#planter.framesFor(atMillis, trades, symbol)
    }
  }

  #due(second: number, millis: number): number {
    this.#owed += this.#tempo.weight(second) * this.#options.tradesPerSecond * (millis / SECOND_MILLIS)
    const due = Math.floor(this.#owed)
    this.#owed -= due
    return due
  }

  /** Splits trades over frames: sizes around the mean, some large. */
  #sizes(trades: number): readonly number[] {
    const sizes: number[] = []
    const mean = this.#options.tradesPerFrame - 1
    for (let left = trades; left > 0;) {
      const drawn = 1 + Math.floor(-Math.log(1 - this.#random()) * mean + this.#random() * (mean > 0 ? 1 : 0))
      const size = Math.min(left, drawn, MOST_TRADES_OF_FRAME)
      sizes.push(size)
      left -= size
    }
    return sizes
  }

  #trades(count: number, second: number, atMillis: number): readonly MarketTrade[] {
    const trades: MarketTrade[] = []
    for (let i = 0; i < count; i++) {
      const last = trades.at(-1)
      trades.push(last !== undefined && this.#random() < EQUAL_SHARE ? last : this.#trade(second, atMillis))
    }
    const isNewestFirst = count > 2 && this.#random() < NEWEST_FIRST_SHARE
    return isNewestFirst ? trades.sort((a, b) => b.t - a.t) : trades
  }

  #trade(second: number, atMillis: number): MarketTrade {
    const { disorderMillis, startMillis, priceUpdateShare } = this.#options
    const delay = Math.floor(this.#random() * (this.#random() < LATE_SHARE ? disorderMillis + 1 : Math.min(USUAL_DELAY_MILLIS, disorderMillis + 1)))
    return this.#trader(second).next(Math.max(startMillis, atMillis - delay), priceUpdateShare, this.#random)
  }

  /** Draws a trader that is not halted; where all seem to be, the last one drawn has to do. */
  #trader(second: number): Trader {
    let index = this.#pick(this.#random)
    for (let left = this.#traders.length * 4; left > 0 && this.#tempo.isHalted(index, second); left--) index = this.#pick(this.#random)
    const trader = this.#traders[index]
    if (trader === undefined) throw new Error('a market has at least one trader')
    return trader
  }
}

/**
 * An invented market, frame by frame: bursts at the opening and the close, thin stretches, halts of single symbols, several
 * trades a frame, disorder within a bound, equal trades that are genuine, price updates, conditions in their four forms, a
 * ping each minute, and bad data of every kind. Deterministic, and without a clock: `atMillis` says when each frame is due,
 * so it also serves under virtual time. Each iteration gives the same frames.
 * @throws TypeError at once, where an option is wrong
 * @example
 * ```ts
 * const trades = [...simulatedMarket({ seed: 7, millis: 60_000 })].flatMap((frame) => frame.trades)
 * ```
 * @public
 */
export const simulatedMarket = (options: MarketOptions = {}): Iterable<MarketFrame> => {
  const checked = checkMarket(options)
  return { [Symbol.iterator]: () => new Market(checked).frames() }
}

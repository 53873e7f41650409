import { BAD_TRADES } from './bad-trades.js'
import type { FileWriter } from './file-writer.js'
import type { Tally } from './tally.js'
import type { TradeText } from './trade-text.js'

/** Every bad kind is planted at least twice in a day of the default size. */
const TRADES_PER_BAD_TRADE = 3_000

/** Plants a bad trade after every so many good ones, each kind in turn. */
export class Planter {
  #good = 0
  #next = 0

  after(writer: FileWriter, symbol: string, trade: TradeText, tally: Tally): void {
    this.#good += 1
    if (this.#good % TRADES_PER_BAD_TRADE !== 0) return
    this.plant(writer, symbol, trade.millis, tally)
  }

  plant(writer: FileWriter, symbol: string, millis: number, tally: Tally): void {
    const bad = BAD_TRADES[this.#next % BAD_TRADES.length]
    this.#next += 1
    if (bad === undefined) return
    writer.add(bad.text(symbol, millis))
    tally.addBad(bad.kind)
  }

  /** A small day is over before every kind has had its turn: the rest follow here. */
  finish(writer: FileWriter, symbol: string, millis: number, tally: Tally): void {
    while (this.#next < BAD_TRADES.length) this.plant(writer, symbol, millis, tally)
  }
}

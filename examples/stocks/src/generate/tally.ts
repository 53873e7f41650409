import { DAY_START_MILLIS, SYMBOLS } from './market.js'
import type { TradeText } from './trade-text.js'

const WINDOW_MILLIS = 5_000
const WINDOWS_PER_DAY = 86_400_000 / WINDOW_MILLIS

/** Counts what a generated day holds, so that a backfill of it can be checked. */
export class Tally {
  readonly files: string[] = []
  readonly bad: Record<string, number> = {}
  readonly #windows = SYMBOLS.map(() => new Uint8Array(WINDOWS_PER_DAY))
  packedBytes = 0
  unpackedBytes = 0
  trades = 0
  priceUpdates = 0

  addTrade(rank: number, trade: TradeText): void {
    if (trade.volume === 0) {
      this.priceUpdates += 1
      return
    }
    this.trades += 1
    const windows = this.#windows[rank]
    if (windows !== undefined) windows[Math.floor((trade.millis - DAY_START_MILLIS) / WINDOW_MILLIS)] = 1
  }

  addBad(kind: string, count = 1): void {
    this.bad[kind] = (this.bad[kind] ?? 0) + count
  }

  addFile(path: string, packedBytes: number, unpackedBytes: number): void {
    this.files.push(path)
    this.packedBytes += packedBytes
    this.unpackedBytes += unpackedBytes
  }

  windows(): number {
    return this.#windows.reduce((sum, windows) => windows.reduce((count, used) => count + used, sum), 0)
  }
}

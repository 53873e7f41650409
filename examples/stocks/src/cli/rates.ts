/** What was counted by some moment. */
export interface Counted {
  readonly atMillis: number
  readonly frames: number
  readonly trades: number
}

/** Long enough for an even number, short enough to see a burst. */
const WINDOW_MILLIS = 3_000

/** Frames and trades a second over the last few seconds. */
export class Rates {
  readonly #samples: Counted[] = []

  add(sample: Counted): void {
    this.#samples.push(sample)
    while (this.#samples.length > 2 && (this.#samples[1]?.atMillis ?? Infinity) <= sample.atMillis - WINDOW_MILLIS) this.#samples.shift()
  }

  get perSecond(): { readonly framesPerSecond: number; readonly tradesPerSecond: number } {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || last.atMillis <= first.atMillis) return { framesPerSecond: 0, tradesPerSecond: 0 }
    const seconds = (last.atMillis - first.atMillis) / 1_000
    return { framesPerSecond: (last.frames - first.frames) / seconds, tradesPerSecond: (last.trades - first.trades) / seconds }
  }
}

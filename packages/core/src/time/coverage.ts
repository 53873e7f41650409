/** A stretch of event time of which something may be missing: later than `from`, up to and including `to`. */
export type Blind = readonly [from: number, to: number]

const always = Number.NEGATIVE_INFINITY
const never = Number.POSITIVE_INFINITY

/**
 * Which event times a partition has heard everything of. It is blind before its first record, from the watermark at which a gap began
 * to the first record after it, and behind its end.
 */
export class Coverage {
  #blind: Blind[] = []
  /** Where it is blind from, until a record shows where to. */
  #since: number | undefined = always

  /** It heard nothing for a while, beginning at this watermark. */
  gap(watermarkMillis: number): void {
    this.#since = Math.min(this.#since ?? never, watermarkMillis)
  }

  /** A record whose greatest event time this is. */
  seen(greatestMillis: number): void {
    if (this.#since === undefined) return
    this.#blind.push([this.#since, greatestMillis])
    this.#since = undefined
  }

  /** An input that ended without ever having given anything has missed nothing. */
  endedEmpty(): void {
    if (this.#since === always && this.#blind.length === 0) this.#since = undefined
  }

  /** Whether everything of [startMillis, endMillis) was heard. */
  covers(startMillis: number, endMillis: number): boolean {
    if (this.#since !== undefined && this.#since < endMillis) return false
    return this.#blind.every(([from, to]) => !(from < endMillis && to >= startMillis))
  }

  /** Nothing before this will be asked for any more. */
  forget(beforeMillis: number): void {
    if (this.#blind.some(([, to]) => to < beforeMillis)) this.#blind = this.#blind.filter(([, to]) => to >= beforeMillis)
  }

  save(): CoverageState {
    return { since: this.#since ?? null, blind: [...this.#blind] }
  }

  restore({ since, blind }: CoverageState): void {
    this.#since = since ?? undefined
    this.#blind = [...blind]
  }
}

/** For checkpoints. */
export interface CoverageState {
  readonly since: number | null
  readonly blind: readonly Blind[]
}

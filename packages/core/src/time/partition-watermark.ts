import type { WatermarkPolicy } from './policy.js'

/** What a partition's watermark rests on, for checkpoints: −∞ and +∞ included. */
export interface WatermarkState {
  readonly max: number
  readonly floor: number
  readonly jumpLeast: number
  readonly jumpGreatest: number
  readonly jumpCount: number
}

/**
 * The watermark of one partition. It moves after a whole record, never inside one. Unbounded: greatest believed event time
 * − bound; a jump that is not confirmed by records in a row does not move it. Bounded: the floor that the source gave.
 */
export class PartitionWatermark {
  #max = Number.NEGATIVE_INFINITY
  #floor = Number.NEGATIVE_INFINITY
  #jumpLeast = Number.POSITIVE_INFINITY
  #jumpGreatest = Number.NEGATIVE_INFINITY
  #jumpCount = 0
  readonly #maxJump: number
  readonly #confirmations: number

  constructor(
    readonly bounded: boolean,
    readonly policy: WatermarkPolicy,
  ) {
    this.#maxJump = policy.maxJumpMillis ?? Number.POSITIVE_INFINITY
    this.#confirmations = policy.confirmations ?? 3
  }

  get millis(): number {
    return this.bounded ? this.#floor : this.#max - this.policy.boundMillis
  }

  /** A whole record was read whose elements' greatest plausible time is `greatest`. */
  afterRecord(greatest: number): void {
    if (this.bounded) return
    if (greatest - this.#max > this.#maxJump && this.#max !== Number.NEGATIVE_INFINITY) this.#doubt(greatest)
    else {
      this.#jumpCount = 0
      if (greatest > this.#max) this.#max = greatest
    }
  }

  raiseFloor(floorMillis: number): void {
    if (floorMillis > this.#floor) this.#floor = floorMillis
  }

  #doubt(greatest: number): void {
    const least = this.#jumpCount === 0 ? greatest : Math.min(this.#jumpLeast, greatest)
    const most = this.#jumpCount === 0 ? greatest : Math.max(this.#jumpGreatest, greatest)
    const together = most - least <= this.#maxJump
    this.#jumpCount = together ? this.#jumpCount + 1 : 1
    this.#jumpLeast = together ? least : greatest
    this.#jumpGreatest = together ? most : greatest
    if (this.#jumpCount < this.#confirmations) return
    this.#max = this.#jumpLeast
    this.#jumpCount = 0
  }

  save(): WatermarkState {
    return { max: this.#max, floor: this.#floor, jumpLeast: this.#jumpLeast, jumpGreatest: this.#jumpGreatest, jumpCount: this.#jumpCount }
  }

  restore(state: WatermarkState): void {
    this.#max = state.max
    this.#floor = state.floor
    this.#jumpLeast = state.jumpLeast
    this.#jumpGreatest = state.jumpGreatest
    this.#jumpCount = state.jumpCount
  }
}

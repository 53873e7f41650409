import { Coverage, type CoverageState } from './coverage.js'
import type { WatermarkPolicy } from './policy.js'

/** What a partition's watermark rests on, for checkpoints: −∞ and +∞ included. */
export interface WatermarkState {
  readonly max: number
  readonly floor: number
  readonly jumpLeast: number
  readonly jumpGreatest: number
  readonly jumpCount: number
  /** Greatest time of the last record that had one, believed or not. */
  readonly last: number
  readonly silentMillis: number
  readonly coverage: CoverageState
}

/**
 * The watermark of one partition. It moves after a whole record, never inside one. Unbounded: greatest believed event time
 * − bound, plus the silence beyond the idle time; a jump that is not confirmed by records in a row does not move it. Bounded: the
 * floor that the source gave.
 */
export class PartitionWatermark {
  #max = Number.NEGATIVE_INFINITY
  #floor = Number.NEGATIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  #jumpLeast = Number.POSITIVE_INFINITY
  #jumpGreatest = Number.NEGATIVE_INFINITY
  #jumpCount = 0
  /** Since the last record that had an event time. */
  #silentMillis = 0
  readonly coverage = new Coverage()
  readonly #maxJump: number
  readonly #confirmations: number
  readonly #idleAfter: number

  constructor(
    readonly bounded: boolean,
    readonly policy: WatermarkPolicy,
  ) {
    this.#maxJump = policy.maxJumpMillis ?? Number.POSITIVE_INFINITY
    this.#confirmations = policy.confirmations ?? 3
    this.#idleAfter = bounded ? Number.POSITIVE_INFINITY : (policy.idleAfterMillis ?? Number.POSITIVE_INFINITY)
  }

  get millis(): number {
    return this.bounded ? this.#floor : Math.max(this.#floor, this.#max - this.policy.boundMillis)
  }

  /** A whole record was read whose elements' greatest plausible time is `greatest`. */
  afterRecord(greatest: number): void {
    if (this.bounded) return
    this.#silentMillis = 0
    this.#last = greatest
    // What is sent anew, or comes late, does not show that the gap is over. What was sent with the first record behind it may be later
    // than it by the bound; and windows that silence has closed meanwhile count as not heard, as they did when they fired.
    if (greatest > this.#max) this.coverage.seen(Math.max(greatest, this.millis) + this.policy.boundMillis)
    if (greatest - this.#max > this.#maxJump && this.#max !== Number.NEGATIVE_INFINITY) this.#doubt(greatest)
    else {
      this.#jumpCount = 0
      if (greatest > this.#max) this.#max = greatest
    }
  }

  raiseFloor(floorMillis: number): void {
    if (floorMillis > this.#floor) this.#floor = floorMillis
  }

  /** Right before the next record nothing came for so long, although it could have. */
  silence(millis: number): void {
    this.#silentMillis += millis
    this.stillSilent(0)
  }

  /** Nothing has come for so long, and a record may yet say so. */
  stillSilent(millis: number): void {
    this.raiseFloor(this.after(millis))
  }

  /** What the watermark is after so much more silence. */
  after(millis: number): number {
    const idleMillis = this.#silentMillis + millis - this.#idleAfter
    return idleMillis > 0 ? Math.max(this.millis, this.#max - this.policy.boundMillis + idleMillis) : this.millis
  }

  /** Nothing could be heard for a while. */
  gap(): void {
    if (!this.bounded) this.coverage.gap(this.millis)
  }

  /**
   * No record will come any more.
   * @param isWhole - whoever sends has ended it: what is out of order by the bound has come
   */
  end(isWhole: boolean): void {
    if (this.bounded) return
    if (isWhole) this.coverage.endedEmpty()
    if (this.#max !== Number.NEGATIVE_INFINITY || !isWhole) this.coverage.gap(isWhole ? Math.max(this.#max, this.#last, this.millis) : this.millis)
    this.#floor = Number.POSITIVE_INFINITY
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
    return {
      max: this.#max,
      floor: this.#floor,
      jumpLeast: this.#jumpLeast,
      jumpGreatest: this.#jumpGreatest,
      jumpCount: this.#jumpCount,
      last: this.#last,
      silentMillis: this.#silentMillis,
      coverage: this.coverage.save(),
    }
  }

  restore(state: WatermarkState): void {
    this.#max = state.max
    this.#floor = state.floor
    this.#jumpLeast = state.jumpLeast
    this.#jumpGreatest = state.jumpGreatest
    this.#jumpCount = state.jumpCount
    this.#last = state.last
    this.#silentMillis = state.silentMillis
    this.coverage.restore(state.coverage)
  }
}

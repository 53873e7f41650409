import type { Clock } from './clock.js'

/** How often it is to be looked at. */
const tickMillis = 250

/**
 * Counts the time in which this process is awake. While it is not (suspended, stopped, in a long synchronous step, its clock set forward) nothing is
 * heard although something may have come, so that time must not be taken for silence: of a stretch that was not looked at for
 * more than two ticks of 250 ms, one tick counts.
 * @public
 */
export class AwakeTime {
  #millis = 0
  #lookedMillis: number

  constructor(readonly clock: Clock) {
    this.#lookedMillis = clock.now()
  }

  /** Since it was made. */
  get millis(): number {
    const now = this.clock.now()
    const elapsedMillis = Math.max(0, now - this.#lookedMillis)
    this.#lookedMillis = now
    this.#millis += elapsedMillis > 2 * tickMillis ? tickMillis : elapsedMillis
    return this.#millis
  }

  /** Looks at it often enough, until `signal` is aborted. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.clock.sleep(tickMillis, signal).catch(() => undefined)
      void this.millis
    }
  }
}

import type { Clock } from '../time/clock.js'
import { yieldToEventLoop } from '../time/system.js'
import type { LocalOptions } from './options.js'

/**
 * The first epoch of a process comes so soon, the next ones after twice the time of the one before, until they come at their
 * full distance: also a run that is killed every second or two gets on.
 */
const firstEpochMillis = 100

/** When a run makes an epoch, and how it waits while there is nothing to do. */
export class Pace {
  readonly #paneEpochMillis: number
  readonly #fullMillis: number
  #epochMillis: number
  #lastEpochMillis: number
  #dirty = false
  #fired = false
  #awake = false
  #wake: () => void = () => undefined

  constructor(
    readonly clock: Clock,
    { epochMillis = 1_000, paneEpochMillis = 100 }: LocalOptions,
  ) {
    this.#fullMillis = epochMillis
    this.#epochMillis = Math.min(firstEpochMillis, epochMillis)
    this.#paneEpochMillis = Math.min(paneEpochMillis, epochMillis)
    this.#lastEpochMillis = clock.now()
  }

  /** Something was processed that no checkpoint covers. */
  touch(): void {
    this.#dirty = true
  }

  /** Panes wait: they are not to wait long. */
  fired(): void {
    this.#fired = true
  }

  epochMade(): void {
    this.#dirty = false
    this.#fired = false
    this.#epochMillis = Math.min(2 * this.#epochMillis, this.#fullMillis)
    this.#lastEpochMillis = this.clock.now()
  }

  get #dueAt(): number {
    return this.#lastEpochMillis + (this.#fired ? this.#paneEpochMillis : this.#epochMillis)
  }

  get due(): boolean {
    const now = this.clock.now()
    // A clock that was set back must not put off the next epoch by as much.
    if (now < this.#lastEpochMillis) this.#lastEpochMillis = now
    return this.#dirty && now >= this.#dueAt
  }

  /** Ends a `rest` at once, this one or the next. */
  wake(): void {
    this.#awake = true
    this.#wake()
  }

  /** Waits for `wake`, or for the time of the next epoch if one is owed. */
  async rest(): Promise<void> {
    // What a source has ready comes within a turn of the event loop, and costs no timer.
    if (!this.#awake) await yieldToEventLoop()
    if (!this.#awake) await this.#sleep()
    this.#awake = false
  }

  async #sleep(): Promise<void> {
    const timer = new AbortController()
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    const wait = Math.max(0, this.#dueAt - this.clock.now())
    const due = this.#dirty ? this.clock.sleep(wait, timer.signal).catch(() => undefined) : woken
    await Promise.race([woken, due])
    timer.abort()
    this.#wake = (): void => undefined
  }
}

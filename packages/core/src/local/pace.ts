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
  #lastPaneEpochMillis: number
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
    this.#lastEpochMillis = this.#lastPaneEpochMillis = clock.now()
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
    if (this.#fired) this.#lastPaneEpochMillis = this.clock.now()
    this.#dirty = false
    this.#fired = false
    this.#epochMillis = Math.min(2 * this.#epochMillis, this.#fullMillis)
    this.#lastEpochMillis = this.clock.now()
  }

  get #dueAt(): number {
    const dueMillis = this.#lastEpochMillis + this.#epochMillis
    // An epoch for another reason, right before, does not make panes wait.
    return this.#fired ? Math.min(dueMillis, this.#lastPaneEpochMillis + this.#paneEpochMillis) : dueMillis
  }

  get due(): boolean {
    const now = this.clock.now()
    // A clock that was set back must not put off the next epoch by as much.
    if (now < this.#lastEpochMillis) this.#lastEpochMillis = this.#lastPaneEpochMillis = now
    return this.#dirty && now >= this.#dueAt
  }

  /** Ends a `rest` at once, this one or the next. */
  wake(): void {
    this.#awake = true
    this.#wake()
  }

  /** Waits for `wake`, or for the time of the next epoch if one is owed, and no longer than `mostMillis`. */
  async rest(mostMillis: number | undefined): Promise<void> {
    // What a source has ready comes within a turn of the event loop, and costs no timer.
    if (!this.#awake) await yieldToEventLoop()
    if (!this.#awake) await this.#sleep(mostMillis)
    this.#awake = false
  }

  async #sleep(mostMillis: number | undefined): Promise<void> {
    const timer = new AbortController()
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    const epoch = this.#dirty ? Math.max(0, this.#dueAt - this.clock.now()) : undefined
    const wait = Math.min(epoch ?? Number.POSITIVE_INFINITY, mostMillis ?? Number.POSITIVE_INFINITY)
    const due = wait === Number.POSITIVE_INFINITY ? woken : this.clock.sleep(wait, timer.signal).catch(() => undefined)
    await Promise.race([woken, due])
    timer.abort()
    this.#wake = (): void => undefined
  }
}

import { setMaxListeners } from 'node:events'
import { ConnectorError } from '../failure.js'
import type { Clock } from '../time/clock.js'
import { yieldToEventLoop } from '../time/system.js'

/** Of the event loop, for a run that was cancelled. */
const turnsToEnd = 3

/** How long a run that was cancelled waits for what it closes. */
const closingMillis = 1_000

/** Why a run that was asked to end is cancelled after all. */
export const overdue = (pipeline: string, ending: string, millis: number, holding: readonly string[]): ConnectorError => {
  const what = holding.filter((one) => one !== '').join(', ')
  const message = `pipeline '${pipeline}' did not ${ending} within ${millis} ms${what === '' ? '' : `; it waits for ${what}`}. It was cancelled: nothing since its last checkpoint is kept, and it can be resumed from there.`
  return new ConnectorError({ _tag: 'Deadline', code: 'DeadlineExceeded', message })
}

/** Ends a run at once, also one that is stuck in a call to the outside. */
export class Cancellation {
  readonly #abort = new AbortController()
  #isCancelled = false
  #giveUp: (reason: ConnectorError) => void = () => undefined

  constructor(readonly onCancel: () => void) {
    // One listener per read and per promise under way: many, and none of them a leak.
    setMaxListeners(0, this.signal)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  cancel(reason: ConnectorError): void {
    if (this.signal.aborted) return
    this.#isCancelled = true
    this.#abort.abort(reason)
    this.onCancel()
    void this.#giveUpSoon(reason)
  }

  /** The run has ended: what still listens is told. */
  over(): void {
    this.#abort.abort()
  }

  /** A call to the outside that never ends must not keep a run from being cancelled. */
  async orGiveUp<A>(work: Promise<A>): Promise<A> {
    return Promise.race([work, new Promise<never>((_, reject) => (this.#giveUp = reject))])
  }

  /** Of a run that was cancelled, what is stuck in closing is left to itself. */
  async orLeave(closing: Promise<void>, clock: Clock): Promise<void> {
    if (!this.#isCancelled) return closing
    const closed = new AbortController()
    const patience = clock.sleep(closingMillis, closed.signal).catch(() => undefined)
    await Promise.race([closing, patience])
    closed.abort()
  }

  /** What is not stuck ends by itself, in order. */
  async #giveUpSoon(reason: ConnectorError): Promise<void> {
    for (let turn = 0; turn < turnsToEnd; turn++) await yieldToEventLoop()
    this.#giveUp(reason)
  }
}

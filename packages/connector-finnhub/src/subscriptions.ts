import type { Logger } from '@millrace/core'
import { errorMessageOf, isTooManySymbols } from './error-frame.js'
import type { Sayable } from './sayable.js'

/** Errors that are told of one connection: a server that sends nothing else must not fill the log. */
const MOST_ERRORS_TOLD = 100

/** What one connection is subscribed to, as far as its server says. */
export class Subscriptions {
  readonly #counted: string[]
  #told = 0

  constructor(
    symbols: readonly string[],
    readonly logger: Logger,
    readonly sayable: Sayable,
  ) {
    this.#counted = [...symbols]
  }

  /** Tells what an error frame says; looks at others only as far as it takes to know that they are none. */
  look(frame: Buffer): void {
    const message = errorMessageOf(frame)
    if (message === undefined || ++this.#told > MOST_ERRORS_TOLD) return
    const rest = this.#told === MOST_ERRORS_TOLD ? '; more errors on this connection are not told here' : ''
    this.logger.warn(`finnhub: the server says: ${this.sayable(message)}${isTooManySymbols(message) ? this.#leaveOutLast() : ''}${rest}`)
  }

  /** The error does not say which: it must be the one added last. */
  #leaveOutLast(): string {
    const symbol = this.#counted.pop()
    return symbol === undefined ? '' : `; ${this.sayable(JSON.stringify(symbol))}, added last, is left out on this connection (${this.#counted.length} are left)`
  }
}

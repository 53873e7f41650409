import type { DuckDBConnection } from '@duckdb/node-api'
import { ConnectorError, systemClock } from '@millrace/core'

/** DuckDB forgets an interruption that comes just before a statement begins. */
const REPEAT_MILLIS = 50

/** Why: the file is let go for a moment, or the asker is gone, or the owner ends. */
export type Why = 'again' | 'gone'

/** Ends what a connection does. */
export class Interruption {
  readonly #over = new AbortController()
  readonly #interrupted = new AbortController()
  #connection: DuckDBConnection | undefined
  #why: Why | undefined

  get why(): Why | undefined {
    return this.#why
  }

  /** Aborted when it is interrupted. */
  get signal(): AbortSignal {
    return this.#interrupted.signal
  }

  /** Aborted when it is over, however it ended. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** @throws ConnectorError if there was one */
  check(): void {
    if (this.#why !== undefined) throw new ConnectorError({ _tag: 'Interrupted', code: 'Cancelled', message: 'nobody waits for the answer' })
  }

  interrupt(why: Why): void {
    if (this.#why !== undefined) return
    this.#why = why
    this.#interrupted.abort()
    if (this.#connection !== undefined) void this.#insist(this.#connection)
  }

  /** Interrupts this connection while `work` goes on. */
  async during<A>(connection: DuckDBConnection, work: () => Promise<A>): Promise<A> {
    this.check()
    this.#connection = connection
    try {
      return await work()
    } finally {
      this.#connection = undefined
    }
  }

  end(): void {
    this.#over.abort()
  }

  async #insist(connection: DuckDBConnection): Promise<void> {
    while (this.#connection === connection) {
      connection.interrupt()
      await systemClock.sleep(REPEAT_MILLIS, this.over).catch(() => undefined)
    }
  }
}

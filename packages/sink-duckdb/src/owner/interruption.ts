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

  /** Interrupts this connection while `work` goes on. */
  async during<A>(connection: DuckDBConnection, work: () => Promise<A>): Promise<A> {
    this.check()
    const done = new AbortController()
    const interrupt = (): void => void insist(connection, done.signal)
    this.signal.addEventListener('abort', interrupt, { once: true })
    try {
      return await work()
    } finally {
      this.signal.removeEventListener('abort', interrupt)
      done.abort()
    }
  }

  interrupt(why: Why): void {
    this.#why ??= why
    this.#interrupted.abort()
  }

  end(): void {
    this.#over.abort()
  }
}

const insist = async (connection: DuckDBConnection, done: AbortSignal): Promise<void> => {
  while (!done.aborted) {
    connection.interrupt()
    await systemClock.sleep(REPEAT_MILLIS, done).catch(() => undefined)
  }
}

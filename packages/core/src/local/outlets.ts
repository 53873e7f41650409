import type { Data } from '../data.js'
import { ConnectorError, type Failure } from '../failure.js'
import { delayBefore, retrying, type RetryContext } from '../delivery/retry.js'
import type { AnySink } from '../pipeline/stage.js'
import type { Outcome, Row, SinkContext, SinkWriter } from '../sink.js'

const rowsAWrite = 1_000

/** What one sink made of some rows. */
export interface Written {
  readonly accepted: readonly Row<unknown>[]
  readonly rejected: readonly { readonly index: number; readonly failure: Failure; readonly attempt: number }[]
}

/** An open sink of a run: writes rows by the run's one retry policy. */
export class Outlet {
  readonly #writer: SinkWriter<unknown>

  private constructor(
    readonly sink: AnySink,
    writer: SinkWriter<unknown>,
    readonly retry: RetryContext,
  ) {
    this.#writer = writer
  }

  static async open(sink: AnySink, context: SinkContext, retry: RetryContext): Promise<Outlet> {
    return new Outlet(sink, await retrying(retry, `sink '${sink.name}' to open`, () => sink.open(context)), retry)
  }

  /**
   * Writes all rows, retrying those that ask for it.
   * @throws ConnectorError when the sink keeps asking for a retry: the run ends, nothing is acknowledged
   */
  async write(rows: readonly Row<unknown>[]): Promise<Written> {
    const accepted: Row<unknown>[] = []
    const rejected: { index: number; failure: Failure; attempt: number }[] = []
    for (let from = 0; from < rows.length; from += rowsAWrite) {
      const chunk = rows.slice(from, from + rowsAWrite)
      const outcomes = await this.#settle(chunk)
      outcomes.forEach(({ outcome, attempt }, i) => {
        if (outcome._tag === 'Rejected') rejected.push({ index: from + i, failure: outcome.failure, attempt })
        else accepted.push(chunk[i] as Row<unknown>) // as: one outcome per row
      })
    }
    return { accepted, rejected }
  }

  async prepare(epoch: number): Promise<Data | undefined> {
    return this.#writer.prepare === undefined ? undefined : retrying(this.retry, `sink '${this.sink.name}' to prepare`, async () => this.#writer.prepare?.(epoch))
  }

  async commit(epoch: number, token: Data): Promise<void> {
    await retrying(this.retry, `sink '${this.sink.name}' to commit`, async () => this.#writer.commit?.(epoch, token))
  }

  async close(): Promise<void> {
    await this.#writer.close()
  }

  async #settle(rows: readonly Row<unknown>[]): Promise<{ readonly outcome: Outcome; readonly attempt: number }[]> {
    const settled: { outcome: Outcome; attempt: number }[] = []
    let open = rows.map((_, i) => i)
    for (let attempt = 1; open.length > 0; attempt++) {
      const outcomes = await this.#write(open.map((i) => rows[i] as Row<unknown>)) // as: open are indexes of rows
      const again: number[] = []
      let wait = 0
      open.forEach((index, i) => {
        const outcome = outcomes[i] as Outcome // as: #write checked the count
        if (outcome._tag !== 'Retry') settled[index] = { outcome, attempt }
        else {
          if (attempt >= this.retry.policy.maxAttempts) throw new ConnectorError({ ...outcome.failure, message: `sink '${this.sink.name}' did not take a row in ${attempt} attempts: ${outcome.failure.message}` })
          wait = Math.max(wait, outcome.afterMillis ?? 0)
          again.push(index)
        }
      })
      if (again.length > 0) await this.retry.clock.sleep(Math.max(wait, delayBefore(attempt + 1, this.retry.policy, this.retry.random)), this.retry.signal)
      open = again
    }
    return settled
  }

  async #write(rows: readonly Row<unknown>[]): Promise<readonly Outcome[]> {
    const outcomes = await retrying(this.retry, `sink '${this.sink.name}' to write`, () => this.#writer.write(rows))
    if (outcomes.length === rows.length) return outcomes
    throw new ConnectorError({ _tag: 'Sink', code: 'Internal', message: `sink '${this.sink.name}' answered ${outcomes.length} outcomes for ${rows.length} rows` })
  }
}

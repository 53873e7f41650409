import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { ConnectorError, type StoredCheckpoint, systemClock } from '@millrace/core'
import { checkHeader } from './check-header.js'
import { assertUsable, borrow, type Database } from './database.js'
import { classify, classifyOpening, isInUse, withReason } from './errors.js'
import { identifyFile } from './file-identity.js'
import { NO_EXTENSIONS } from './instance.js'
import { askOwner, checkpointCollector, type Collector, rowCollector } from './owner/ask-owner.js'
import type { Question } from './owner/messages.js'
import { toWire, wellFormed } from './owner/wire-value.js'
import type { QueryParameter, QueryRow } from './query-value.js'
import { hasCheckpoints, readCheckpoint } from './read-checkpoint.js'
import { namedRows, readRows } from './read-rows.js'
import { connected, onlyReading } from './reading.js'

const readOnly = { access_mode: 'READ_ONLY', threads: '1', ...NO_EXTENSIONS }

const notThere = (path: string): ConnectorError =>
  new ConnectorError({ _tag: 'NoFile', code: 'NotFound', message: `${path} does not exist: check the path, or run the pipeline that writes it first` })

const openReadOnly = async (path: string): Promise<DuckDBInstance> => {
  try {
    const file = identifyFile(path)
    if (!file.exists) throw notThere(path)
    checkHeader(file.path)
    return await DuckDBInstance.create(file.path, readOnly)
  } catch (error) {
    throw classifyOpening(error, path)
  }
}

/** The same thing to find out in three ways: here, on a connection; there, by a question; and from the answer to it. */
interface Inquiry<A> {
  readonly path: string
  readonly here: (connection: DuckDBConnection) => Promise<A>
  readonly there: Question
  readonly collector: () => Collector<A>
}

const inOwnInstance = async <A>({ path, here }: Inquiry<A>): Promise<A> => {
  const instance = await openReadOnly(path)
  try {
    return await connected(instance.connect(), here)
  } finally {
    instance.closeSync()
  }
}

/** In the instance of the pipelines that have the file open in this process; files are opened and closed in turn, so a long query delays both. */
const inShared = <A>({ path, here }: Inquiry<A>, shared: Database): Promise<A> => {
  assertUsable(shared)
  return onlyReading(shared, here).catch((error: unknown) => {
    throw classify(error, path)
  })
}

interface Found<A> {
  readonly value: A
}

/** @param alone - if this process does not have the file */
const here = <A>(inquiry: Inquiry<A>, alone: () => Promise<Found<A> | undefined>): Promise<Found<A> | undefined> =>
  borrow(inquiry.path, async (shared) => (shared === undefined ? alone() : { value: await inShared(inquiry, shared) }))

/** An owner that comes or goes has the file without a socket for a moment. */
const PATIENCE_MILLIS = 1_000
/** One that was seen closes the file, which can take longer. */
const LONG_PATIENCE_MILLIS = 5_000
const PAUSE_MILLIS = 25
/** A file that is let go again and again, each time before the answer is complete. */
const MAX_AGAIN = 5

const keptMissing = (path: string): ConnectorError =>
  new ConnectorError({
    _tag: 'OwnerGone', code: 'Unavailable', retryable: true,
    message: `The process that has ${path} ended, or let it go, ${MAX_AGAIN} times before the answer was complete: ask again, or for less.`,
  })

/** What asking the owner and opening the file came to, of which one at a time can be right. */
class Attempts<A> {
  readonly #inquiry: Inquiry<A>
  #deadline = systemClock.now() + PATIENCE_MILLIS
  #again = 0
  #trouble: string | undefined

  constructor(inquiry: Inquiry<A>) {
    this.#inquiry = inquiry
  }

  /** `undefined`: to be tried once more. The owner is asked first: while it lets the file go for a moment, nobody is to open it. */
  async once(): Promise<Found<A> | undefined> {
    return (await here(this.#inquiry, () => Promise.resolve(undefined))) ?? (await this.#there()) ?? (await this.#own())
  }

  async #there(): Promise<Found<A> | undefined> {
    const { path, there, collector } = this.#inquiry
    const reply = await askOwner(identifyFile(path), there, collector())
    if (reply._tag === 'Answered') return reply
    if (reply._tag === 'Nobody') this.#trouble = reply.trouble
    else this.#goesOn()
    return undefined
  }

  #goesOn(): void {
    this.#again += 1
    if (this.#again > MAX_AGAIN) throw keptMissing(this.#inquiry.path)
    this.#deadline = systemClock.now() + LONG_PATIENCE_MILLIS
  }

  async #own(): Promise<Found<A> | undefined> {
    try {
      return await here(this.#inquiry, async () => ({ value: await inOwnInstance(this.#inquiry) }))
    } catch (error) {
      const refusal = classify(error, this.#inquiry.path)
      if (!isInUse(refusal)) throw refusal
      if (this.#trouble !== undefined || systemClock.now() >= this.#deadline) throw withReason(refusal, this.#trouble)
      return undefined
    }
  }
}

const inquire = async <A>(inquiry: Inquiry<A>): Promise<A> => {
  const attempts = new Attempts(inquiry)
  for (;;) {
    const found = await attempts.once()
    if (found !== undefined) return found.value
    await systemClock.sleep(PAUSE_MILLIS)
  }
}

const allRows = async (connection: DuckDBConnection, path: string, sql: string, values: readonly QueryParameter[]): Promise<readonly QueryRow[]> => {
  const rows: QueryRow[] = []
  for await (const batch of readRows(connection, path, sql, values)) for (const row of namedRows(batch)) rows.push(row)
  return rows
}

/**
 * Asks a DuckDB file, also one that pipelines of this or another process have open; only reading is possible, by one statement.
 * @param values - for `$1`, `$2`, …
 * @throws RefusedError when another process has the file and does not answer; ConnectorError if there is none, or for a statement that fails
 * @public
 */
export const queryDuckdb = (path: string, sql: string, values: readonly QueryParameter[] = []): Promise<readonly QueryRow[]> =>
  inquire({
    path,
    here: (connection) => allRows(connection, path, sql, values),
    there: { ask: 'query', path: wellFormed(path), sql: wellFormed(sql), values: values.map(toWire) },
    collector: rowCollector,
  })

/**
 * The last checkpoint that a pipeline has in a DuckDB file, also one that another process has open; `undefined` if it has none.
 * What it says of runs: `storedRuns` of `@millrace/core`.
 * @throws RefusedError when another process has the file and does not answer; ConnectorError if there is none, or it is damaged
 * @public
 */
export const duckdbCheckpoint = (path: string, pipeline: string): Promise<StoredCheckpoint | undefined> =>
  inquire({
    path,
    here: async (connection) => ((await hasCheckpoints(connection)) ? readCheckpoint(connection, path, pipeline) : undefined),
    there: { ask: 'checkpoint', path: wellFormed(path), pipeline: wellFormed(pipeline) },
    collector: checkpointCollector,
  })

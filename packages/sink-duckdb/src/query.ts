import { type DuckDBConnection, DuckDBInstance, type DuckDBValue, type JS } from '@duckdb/node-api'
import { ConnectorError, type StoredCheckpoint } from '@millrace/core'
import { checkHeader } from './check-header.js'
import { hasCheckpoints, readCheckpoint } from './checkpoint-tables.js'
import { connect } from './catalog.js'
import { assertUsable, borrow, type Database } from './database.js'
import { classify, classifyOpening } from './errors.js'
import { identifyFile } from './file-identity.js'

/**
 * A value of a query's result. Dates and times are Unix milliseconds; whole numbers are numbers where that is exact, and
 * bigints beyond 2^53; lists are arrays, structs are objects. A byte order mark that a text begins with is dropped by the driver
 * (`encode(text)` shows it).
 * @public
 */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly QueryValue[]
  | { readonly [key: string]: QueryValue }

const plain = (value: JS): QueryValue => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (value instanceof Date) return value.getTime()
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(plain)
  // What is left of `JS` are plain objects.
  const entries = Object.entries(value as Readonly<Record<string, JS>>)
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]))
}

const ask = async (
  connection: DuckDBConnection, sql: string, values: readonly DuckDBValue[],
): Promise<readonly Readonly<Record<string, QueryValue>>[]> => {
  const rows = (await connection.runAndReadAll(sql, [...values])).getRowObjectsJS()
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
}

/** A connection of its own: it sees what was committed, never half an epoch. */
const connected = async <A>(connecting: Promise<DuckDBConnection>, work: (connection: DuckDBConnection) => Promise<A>): Promise<A> => {
  const connection = await connecting
  try {
    return await work(connection)
  } finally {
    connection.disconnectSync()
  }
}

/** As in an instance of its own. What was read is not to be kept: there is nothing to commit. */
const onlyReading = async <A>(connection: DuckDBConnection, work: (connection: DuckDBConnection) => Promise<A>): Promise<A> => {
  await connection.run('BEGIN TRANSACTION READ ONLY')
  return work(connection)
}

const readOnly = { access_mode: 'READ_ONLY', threads: '1' }

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

const inOwnInstance = async <A>(path: string, work: (connection: DuckDBConnection) => Promise<A>): Promise<A> => {
  const instance = await openReadOnly(path)
  try {
    return await connected(instance.connect(), work)
  } finally {
    instance.closeSync()
  }
}

/**
 * Shares the instance of the pipelines that have the file open in this process, and opens it for reading only if there is
 * none; files are opened and closed in turn, so a long query delays both.
 */
const reading = <A>(path: string, work: (connection: DuckDBConnection) => Promise<A>): Promise<A> =>
  borrow(path, async (shared: Database | undefined) => {
    try {
      if (shared === undefined) return await inOwnInstance(path, work)
      assertUsable(shared)
      return await shared.memory.lifted(() => connected(connect(shared), (connection) => onlyReading(connection, work)))
    } catch (error) {
      throw classify(error, path)
    }
  })

/**
 * Asks a DuckDB file, also one that pipelines of this process have open; only reading is possible.
 * @param values - for `$1`, `$2`, …
 * @throws RefusedError when another process has the file; ConnectorError if there is none, or for a statement that fails
 * @public
 */
export const queryDuckdb = (
  path: string, sql: string, values: readonly (string | number | bigint | boolean | null)[] = [],
): Promise<readonly Readonly<Record<string, QueryValue>>[]> => reading(path, (connection) => ask(connection, sql, values))

/**
 * The last checkpoint that a pipeline has in a DuckDB file; `undefined` if it has none. What it says of runs: `storedRuns` of
 * `@millrace/core`.
 * @throws RefusedError when another process has the file; ConnectorError if there is none
 * @public
 */
export const duckdbCheckpoint = (path: string, pipeline: string): Promise<StoredCheckpoint | undefined> =>
  reading(path, async (connection) => ((await hasCheckpoints(connection)) ? readCheckpoint(connection, pipeline) : undefined))

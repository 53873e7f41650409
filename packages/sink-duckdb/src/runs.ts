import type { DuckDBConnection } from '@duckdb/node-api'
import type { Database } from './database.js'
import { runKey } from './known.js'
import { equalKeys, HIDDEN_SCHEMA, OWNED_PREFIX, ownedTable, OWNER, userTable } from './sql-text.js'

/** A run in this file: ownership refers to its number, which takes four bytes a row. */
export interface KnownRun {
  readonly number: number
  readonly run: string
}

const RUNS = `${HIDDEN_SCHEMA}.runs`

const firstNumber = async (connection: DuckDBConnection, sql: string, values: string[]): Promise<number | undefined> => {
  const value = (await connection.runAndReadAll(sql, values)).getRowsJS()[0]?.[0]
  return typeof value === 'number' ? value : undefined
}

/** A connection and the file it belongs to. */
export interface Session {
  readonly database: Database
  readonly connection: DuckDBConnection
}

/** The number of a run, if it has written anything. */
export const findRun = async ({ database, connection }: Session, pipeline: string, run: string): Promise<KnownRun | undefined> => {
  const key = runKey(pipeline, run)
  const number =
    database.known.runs.get(key) ??
    (await firstNumber(connection, `SELECT number FROM ${RUNS} WHERE pipeline = $1 AND run = $2`, [pipeline, run]))
  if (number === undefined) return undefined
  database.known.runs.set(key, number)
  return { number, run }
}

/** The number of a run, given to it now if it has none. To be called in a transaction. */
export const enterRun = async (session: Session, pipeline: string, run: string): Promise<KnownRun> => {
  const found = await findRun(session, pipeline, run)
  if (found !== undefined) return found
  const { database, connection } = session
  const number = ((await firstNumber(connection, `SELECT max(number) FROM ${RUNS}`, [])) ?? 0) + 1
  await connection.run(`INSERT INTO ${RUNS} VALUES ($1::INTEGER, $2, $3)`, [number, pipeline, run])
  database.known.runs.set(runKey(pipeline, run), number)
  return { number, run }
}

interface OwnedKeys {
  readonly table: string
  readonly key: readonly string[]
}

/** Every table of the file that runs own rows of, also those that no sink of this process has opened. */
const ownedTables = async (connection: DuckDBConnection): Promise<readonly OwnedKeys[]> => {
  const sql =
    'SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() WHERE database_name = current_database() ' +
    `AND schema_name = '${HIDDEN_SCHEMA}' AND starts_with(table_name, '${OWNED_PREFIX}') GROUP BY table_name`
  const rows = (await connection.runAndReadAll(sql)).getRowsJS()
  return rows.map(([name, columns]) => ({
    table: String(name).slice(OWNED_PREFIX.length),
    key: (Array.isArray(columns) ? columns : []).map(String).filter((column) => column !== OWNER),
  }))
}

const tableExists = async (connection: DuckDBConnection, table: string): Promise<boolean> => {
  const sql =
    "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'main' " +
    'AND lower(table_name) = lower($1)'
  return (await connection.runAndReadAll(sql, [table])).currentRowCount > 0
}

/**
 * Rows are deleted in slices: the keys of one are held in memory to find them. 100,000 keys take some 10 MB.
 */
const SLICE_ROWS = 100_000

const deleteRows = async (connection: DuckDBConnection, { table, key }: OwnedKeys, owned: string, number: number): Promise<void> => {
  const bounds = `SELECT min(rowid)::DOUBLE, max(rowid)::DOUBLE FROM ${owned} WHERE ${OWNER} = $1::INTEGER`
  const [first, last] = (await connection.runAndReadAll(bounds, [number])).getRowsJS()[0] ?? []
  if (typeof first !== 'number' || typeof last !== 'number') return
  for (let from = first; from <= last; from += SLICE_ROWS) {
    await connection.run(
      `DELETE FROM ${userTable(table)} t USING (SELECT * FROM ${owned} WHERE ${OWNER} = ${number} AND rowid >= ${from} ` +
        `AND rowid < ${from + SLICE_ROWS}) o WHERE ${equalKeys('t', 'o', key)}`,
    )
  }
}

/**
 * Deletes every row that a run owns, in all tables of the file, and forgets the run. To be called in a transaction.
 * The index of a table is in memory as a whole for that, so the limit is lifted: a million bars take some 100 MB.
 */
export const deleteRun = ({ database, connection }: Session, number: number): Promise<void> => {
  database.known.runs.clear()
  return database.memory.lifted(async () => {
    for (const keys of await ownedTables(connection)) {
      const owned = ownedTable(keys.table)
      if (await tableExists(connection, keys.table)) await deleteRows(connection, keys, owned, number)
      await connection.run(`DELETE FROM ${owned} WHERE ${OWNER} = $1::INTEGER`, [number])
    }
    await connection.run(`DELETE FROM ${RUNS} WHERE number = $1::INTEGER`, [number])
  })
}

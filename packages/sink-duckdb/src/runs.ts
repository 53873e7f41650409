import type { DuckDBConnection } from '@duckdb/node-api'
import { equalKeys, HIDDEN_SCHEMA, OWNED_PREFIX, OWNER, quote, userTable } from './sql-text.js'

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

/** The number of a run, if it has written anything. */
export const findRun = async (connection: DuckDBConnection, pipeline: string, run: string): Promise<KnownRun | undefined> => {
  const number = await firstNumber(connection, `SELECT number FROM ${RUNS} WHERE pipeline = $1 AND run = $2`, [pipeline, run])
  return number === undefined ? undefined : { number, run }
}

/** The number of a run, given to it now if it has none. */
export const enterRun = async (connection: DuckDBConnection, pipeline: string, run: string): Promise<KnownRun> => {
  const known = await findRun(connection, pipeline, run)
  if (known !== undefined) return known
  const number = (await firstNumber(connection, `SELECT max(number) FROM ${RUNS}`, [])) ?? 0
  await connection.run(`INSERT INTO ${RUNS} VALUES ($1::INTEGER, $2, $3)`, [number + 1, pipeline, run])
  return { number: number + 1, run }
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
  const sql = "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'main' AND lower(table_name) = lower($1)"
  return (await connection.runAndReadAll(sql, [table])).currentRowCount > 0
}

/** Deletes every row that a run owns, in all tables of the file, and forgets the run. To be called in a transaction. */
export const deleteRun = async (connection: DuckDBConnection, number: number): Promise<void> => {
  for (const { table, key } of await ownedTables(connection)) {
    const owned = `${HIDDEN_SCHEMA}.${quote(OWNED_PREFIX + table)}`
    if (await tableExists(connection, table)) {
      await connection.run(
        `DELETE FROM ${userTable(table)} t USING ${owned} o WHERE o.${OWNER} = $1::INTEGER AND ${equalKeys('t', 'o', key)}`, [number],
      )
    }
    await connection.run(`DELETE FROM ${owned} WHERE ${OWNER} = $1::INTEGER`, [number])
  }
  await connection.run(`DELETE FROM ${RUNS} WHERE number = $1::INTEGER`, [number])
}

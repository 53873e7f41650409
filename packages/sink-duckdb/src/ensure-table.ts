import type { DuckDBConnection } from '@duckdb/node-api'
import { RefusedError } from '@millrace/core'
import { HIDDEN_SCHEMA, ownedTable, OWNER, quote, quoteAll, userTable } from './sql-text.js'
import { type PhysicalColumn, physicalColumns, type TableDefinition } from './table-definition.js'

const columnSql = ({ name, type, nullable }: PhysicalColumn): string => `${quote(name)} ${type}${nullable ? '' : ' NOT NULL'}`

/** The statement that creates the table of a definition. */
export const createTableSql = (definition: TableDefinition): string => {
  const columns = physicalColumns(definition)
  const [single, ...more] = definition.key
  const keySql = (column: PhysicalColumn): string =>
    more.length === 0 && column.name === single ? `${quote(column.name)} ${column.type} PRIMARY KEY` : columnSql(column)
  const parts = columns.map(keySql)
  if (more.length > 0) parts.push(`PRIMARY KEY (${quoteAll(definition.key)})`)
  return `CREATE TABLE ${userTable(definition.table)} (${parts.join(', ')})`
}

interface Found {
  readonly type: string
  readonly nullable: boolean
}

const COLUMNS =
  'SELECT column_name, data_type, is_nullable FROM duckdb_columns() ' +
  "WHERE database_name = current_database() AND schema_name = 'main' AND lower(table_name) = lower($1) ORDER BY column_index"
const KEY =
  'SELECT constraint_column_names FROM duckdb_constraints() WHERE database_name = current_database() ' +
  "AND schema_name = 'main' AND lower(table_name) = lower($1) AND constraint_type = 'PRIMARY KEY'"
const VIEW =
  "SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'main' AND lower(view_name) = lower($1)"

const rowsOf = async (connection: DuckDBConnection, sql: string, table: string): Promise<unknown[][]> =>
  (await connection.runAndReadAll(sql, [table])).getRowsJS()

const foundColumns = async (connection: DuckDBConnection, table: string): Promise<Map<string, Found>> => {
  const found = new Map<string, Found>()
  for (const [name, type, nullable] of await rowsOf(connection, COLUMNS, table)) {
    found.set(String(name), { type: String(type), nullable: nullable === true })
  }
  return found
}

const foundKey = async (connection: DuckDBConnection, table: string): Promise<readonly string[]> => {
  const names = (await rowsOf(connection, KEY, table))[0]?.[0]
  return Array.isArray(names) ? names.map(String) : []
}

type Difference = readonly [column: string, expected: string, found: string]

const shown = (type: string, nullable: boolean): string => `${type}${nullable ? '' : ' NOT NULL'}`

/** A column that somebody added is let be, if it may be NULL. */
const columnDifferences = (expected: readonly PhysicalColumn[], found: ReadonlyMap<string, Found>): Difference[] => {
  const differences: Difference[] = []
  for (const { name, type, nullable } of expected) {
    const other = found.get(name)
    if (other === undefined) differences.push([name, shown(type, nullable), '(missing)'])
    else if (other.type !== type || other.nullable !== nullable) {
      differences.push([name, shown(type, nullable), shown(other.type, other.nullable)])
    }
  }
  for (const [name, { type, nullable }] of found) {
    if (expected.some((column) => column.name === name) || nullable) continue
    differences.push([name, '(not in the codec)', shown(type, nullable)])
  }
  return differences
}

const keyDifference = (expected: readonly string[], found: readonly string[]): Difference[] => {
  const same = expected.length === found.length && expected.every((name) => found.includes(name))
  return same ? [] : [['primary key', `(${expected.join(', ')})`, found.length === 0 ? '(none)' : `(${found.join(', ')})`]]
}

const asTable = (rows: readonly Difference[]): string => {
  const all: Difference[] = [['column', 'expected', 'found'], ...rows]
  const width = (index: 0 | 1): number => Math.max(...all.map((row) => row[index].length))
  const [first, second] = [width(0), width(1)]
  return all.map(([a, b, c]) => `  ${a.padEnd(first)}  ${b.padEnd(second)}  ${c}`).join('\n')
}

const refuse = (path: string, table: string, differences: readonly Difference[]): never => {
  throw new RefusedError(
    `Table "${table}" in ${path} is not the table that this pipeline writes:\n${asTable(differences)}\n` +
      'Nothing was changed. Give the pipeline another table or file, change the table to fit, or put it aside: ' +
      `ALTER TABLE ${quote(table)} RENAME TO ${quote(`${table}_old`)}`,
    'TableMismatch',
  )
}

const create = async (connection: DuckDBConnection, definition: TableDefinition): Promise<void> => {
  const keys = definition.key.map((name) => {
    // The definition was checked: every key is a column.
    const { type } = definition.columns.find((column) => column.name === name) as PhysicalColumn
    return `${quote(name)} ${type} NOT NULL`
  })
  await connection.run(createTableSql(definition))
  // Also where the user dropped the table: what runs owned in it is gone.
  await connection.run(`CREATE OR REPLACE TABLE ${ownedTable(definition.table)} (${OWNER} INTEGER NOT NULL, ${keys.join(', ')})`)
}

/**
 * Ownership is kept for every table that a pipeline writes; a table that somebody else made, and that fits, gets it too.
 */
const adopt = async (connection: DuckDBConnection, { table, key }: TableDefinition): Promise<void> => {
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${ownedTable(table)} AS SELECT 0::INTEGER AS ${OWNER}, ${quoteAll(key)} FROM ${userTable(table)} LIMIT 0`,
  )
}

/**
 * Creates the table, or compares it with what is there.
 * @returns its columns, in its order
 * @throws RefusedError that shows each difference
 */
export const ensureTable = async (connection: DuckDBConnection, path: string, definition: TableDefinition): Promise<readonly string[]> => {
  const { table, key } = definition
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${HIDDEN_SCHEMA}`)
  if ((await rowsOf(connection, VIEW, table)).length > 0) refuse(path, table, [[table, 'a table', 'a view']])
  const found = await foundColumns(connection, table)
  if (found.size === 0) {
    await create(connection, definition)
    return physicalColumns(definition).map(({ name }) => name)
  }
  const differences = [
    ...columnDifferences(physicalColumns(definition), found),
    ...keyDifference(key, await foundKey(connection, table)),
  ]
  if (differences.length > 0) refuse(path, table, differences)
  await adopt(connection, definition)
  return [...found.keys()]
}

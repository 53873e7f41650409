import type { DuckDBConnection, JS } from '@duckdb/node-api'
import { prepareSelect } from './only-select.js'
import type { QueryParameter, QueryRow, QueryValue } from './query-value.js'

const plain = (value: JS): QueryValue => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (value instanceof Date) return value.getTime()
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(plain)
  // What is left of `JS` are plain objects.
  const entries = Object.entries(value as Readonly<Record<string, JS>>)
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]))
}

/** Some rows, as lists in the order of `names`. */
export interface RowBatch {
  readonly names: readonly string[]
  readonly rows: readonly (readonly QueryValue[])[]
}

/**
 * The rows of a statement that only reads, some at a time.
 * @param path - the file, for errors
 */
export async function* readRows(
  connection: DuckDBConnection, path: string, sql: string, values: readonly QueryParameter[],
): AsyncGenerator<RowBatch> {
  const statement = await prepareSelect(connection, sql, path)
  try {
    if (values.length > 0) statement.bind([...values])
    const result = await statement.stream()
    const names = result.deduplicatedColumnNames()
    for await (const rows of result.yieldRowsJs()) yield { names, rows: rows.map((row) => row.map(plain)) }
  } finally {
    statement.destroySync()
  }
}

/** Lists as objects. */
export const namedRows = ({ names, rows }: RowBatch): readonly QueryRow[] =>
  // A row has a value for every name.
  rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] as QueryValue])))

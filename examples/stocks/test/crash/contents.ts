import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect, isDeepStrictEqual } from 'node:util'
import { fileTable } from '@millrace/core/testing'
import { queryDuckdb } from '@millrace/sink-duckdb'
import * as assert from 'uvu/assert'

type Row = Readonly<Record<string, unknown>>
type Table = 'bars' | 'dead_letters'

/** All columns but those that say when and how often something was tried. */
const SELECT: Readonly<Record<Table, string>> = {
  bars: 'SELECT * EXCLUDE (updated_at) FROM bars ORDER BY symbol, window_start, lane',
  dead_letters: 'SELECT * EXCLUDE (occurred_at, attempt, stack) FROM dead_letters ORDER BY dead_letter_id',
}

const fromDuckDb = (directory: string, table: Table): Promise<readonly Row[]> => queryDuckdb(join(directory, 'stocks.duckdb'), SELECT[table], [])

const fromFile = async (directory: string, table: Table): Promise<readonly Row[]> =>
  fileTable<Row>({ path: join(directory, `${table}.jsonl`) })
    .rows()
    .toSorted((a, b) => (a.rowId < b.rowId ? -1 : 1))
    .map(({ rowId, value: { occurred_at: _occurredAt, attempt: _attempt, stack: _stack, ...value } }) => ({ rowId, value }))

/** Of a directory that does not change any more the rows are read only once. */
const once = (read: typeof fromFile): typeof fromFile => {
  const known = new Map<string, Promise<readonly Row[]>>()
  return (directory, table) => {
    const key = `${table} of ${directory}`
    const rows = known.get(key) ?? read(directory, table)
    known.set(key, rows)
    return rows
  }
}

const outcomeOf = (directory: string): { readonly total?: { readonly unaccounted: number } } =>
  JSON.parse(readFileSync(join(directory, 'outcome.json'), 'utf8')) as object // as: the programs write it

/** Throws if the first directory does not have the rows and the ledger of the second, which does not change any more. */
const comparing = (read: typeof fromFile): ((directory: string, undisturbed: string) => Promise<void>) => {
  const fixed = once(read)
  return async (directory, undisturbed) => {
    const outcome = outcomeOf(directory)
    assert.equal(outcome, outcomeOf(undisturbed))
    assert.is(outcome.total?.unaccounted ?? 0, 0)
    for (const table of ['bars', 'dead_letters'] as const) {
      const [found, expected] = [await read(directory, table), await fixed(undisturbed, table)]
      assert.is(found.length, expected.length, `rows of ${table}`)
      found.forEach((row, i) => assert.equal(row, expected[i], `row ${i} of ${table}`))
    }
  }
}

/** For directories of `backfill-program`. */
export const compareDatabases = comparing(fromDuckDb)
/** For directories of `files-program`. */
export const compareFiles = comparing(fromFile)
/** Bars and dead letters of a directory of `backfill-program`. */
export const tablesOf = async (directory: string): Promise<readonly (readonly Row[])[]> => [await fromDuckDb(directory, 'bars'), await fromDuckDb(directory, 'dead_letters')]

/** What differs between two DuckDB files, in words; nothing if they hold the same rows. */
export const differencesOf = async (found: string, expected: string): Promise<readonly string[]> => {
  const differences: string[] = []
  for (const [table, select] of Object.entries(SELECT)) {
    const [rows, others] = [await queryDuckdb(found, select, []), await queryDuckdb(expected, select, [])]
    if (rows.length !== others.length) differences.push(`${table}: ${rows.length} rows, expected ${others.length}`)
    const index = rows.findIndex((row, i) => !isDeepStrictEqual(row, others[i]))
    if (index >= 0) differences.push(`${table}: ${inspect(rows[index])}, expected ${inspect(others[index])}`)
  }
  return differences
}

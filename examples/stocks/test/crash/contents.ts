import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { queryDuckdb } from '@millrace/sink-duckdb'
import * as assert from 'uvu/assert'

/** All columns but those that say when and how often something was tried. */
const TABLES = {
  bars: 'SELECT * EXCLUDE (updated_at) FROM bars ORDER BY symbol, window_start, lane',
  dead_letters: 'SELECT * EXCLUDE (occurred_at, attempt, stack) FROM dead_letters ORDER BY dead_letter_id',
} as const

type Rows = Awaited<ReturnType<typeof queryDuckdb>>

const known = new Map<string, Promise<Rows>>()

/** The rows of a table; of a file that does not change any more they are read only once. */
const rowsOf = (db: string, table: keyof typeof TABLES, isFixed: boolean): Promise<Rows> => {
  const read = (): Promise<Rows> => queryDuckdb(db, TABLES[table], [])
  if (!isFixed) return read()
  const key = `${table} of ${db}`
  const rows = known.get(key) ?? read()
  known.set(key, rows)
  return rows
}

/** Throws if the tables of two files differ; `undisturbed` does not change any more. */
export const compareTables = async (db: string, undisturbed: string): Promise<void> => {
  for (const table of ['bars', 'dead_letters'] as const) {
    const [found, expected] = [await rowsOf(db, table, false), await rowsOf(undisturbed, table, true)]
    assert.is(found.length, expected.length, `rows of ${table}`)
    found.forEach((row, i) => assert.equal(row, expected[i], `row ${i} of ${table}`))
  }
}

const outcomeOf = (directory: string): { readonly total?: { readonly unaccounted: number } } => JSON.parse(readFileSync(join(directory, 'outcome.json'), 'utf8')) as object // as: the program wrote it

/** Throws if a run of `backfill-program` left other tables or another ledger than the undisturbed one. */
export const compareBackfills = async (directory: string, undisturbed: string): Promise<void> => {
  const outcome = outcomeOf(directory)
  assert.equal(outcome, outcomeOf(undisturbed))
  assert.is(outcome.total?.unaccounted ?? 0, 0)
  await compareTables(join(directory, 'stocks.duckdb'), join(undisturbed, 'stocks.duckdb'))
}

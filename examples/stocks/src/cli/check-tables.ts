import { RefusedError } from '@millrace/core'
import type { Query } from './parts.js'
import { printable } from './table.js'

/** The columns that a report reads, with their types. */
const READ = {
  bars: {
    symbol: 'VARCHAR', window_start: 'TIMESTAMP', window_end: 'TIMESTAMP', open: 'DOUBLE', high: 'DOUBLE', low: 'DOUBLE', close: 'DOUBLE',
    volume: 'DOUBLE', vwap: 'DOUBLE', trades: 'BIGINT', lane: 'VARCHAR', complete: 'BOOLEAN',
  },
  gaps: { gap_id: 'VARCHAR', source_name: 'VARCHAR', from_time: 'TIMESTAMP', to_time: 'TIMESTAMP', reason: 'VARCHAR' },
  dead_letters: {
    pipeline: 'VARCHAR',
    dead_letter_id: 'VARCHAR', stage: 'VARCHAR', error_code: 'VARCHAR', error_class: 'VARCHAR', error_message: 'VARCHAR', error_path: 'VARCHAR',
    source_partition: 'VARCHAR',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

const COLUMNS = `SELECT table_name AS relation, column_name AS name, data_type AS type FROM information_schema.columns
  WHERE table_catalog = current_database() AND table_schema = 'main'`

/** By name of a table or view: the types of its columns, by name. */
export type Relations = ReadonlyMap<string, ReadonlyMap<string, string>>

const loadRelations = async (query: Query, db: string): Promise<Relations> => {
  const relations = new Map<string, Map<string, string>>()
  for (const { relation, name, type } of await query(db, COLUMNS, [])) {
    const columns = relations.get(String(relation)) ?? new Map<string, string>()
    relations.set(String(relation), columns.set(String(name), String(type)))
  }
  return relations
}

const refuseOther = (db: string, table: string, found: ReadonlyMap<string, string>, expected: Readonly<Record<string, string>>): void => {
  const wrong = Object.entries(expected).filter(([name, type]) => found.get(name) !== type)
  if (wrong.length === 0) return
  const differences = wrong.map(([name, type]) => `${name} (${type}, found ${printable(found.get(name) ?? 'nothing')})`).join(', ')
  throw new RefusedError(`The table ${table} in ${db} is not the one that this program makes. It differs in ${differences}. Give the --db of live or of a backfill.`, 'TableMismatch')
}

/**
 * Which tables and views of a file there are to report.
 * @throws RefusedError if a table of that name is another one: it must not pass for an empty one
 */
export const checkTables = async (query: Query, db: string): Promise<Relations> => {
  const relations = await loadRelations(query, db)
  for (const [table, expected] of Object.entries(READ)) {
    const found = relations.get(table)
    if (found !== undefined) refuseOther(db, table, found, expected)
  }
  if (relations.has('bars') && !relations.has('bars_consolidated')) {
    throw new RefusedError(`${db} has the table bars, but not its view bars_consolidated. A backfill makes it again, also one of the same files.`, 'ViewMissing')
  }
  return relations
}

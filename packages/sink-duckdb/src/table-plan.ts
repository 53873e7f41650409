import type { Row } from '@millrace/core'
import type { Filled, Target } from './append-rows.js'
import { equalKeys, HIDDEN_SCHEMA, OWNED_PREFIX, ownedTable, OWNER, quote, quoteAll, userTable } from './sql-text.js'
import { type PhysicalColumn, physicalColumns, type TableDefinition } from './table-definition.js'

/** What the sink adds to the rows of an epoch. */
export interface Stamps {
  readonly version: string
  readonly nowMillis: number
}

/**
 * How one epoch's rows come into a table. They are appended to it as they are; where keys are already there, the keys are
 * first put into a temporary table of the writing connection and joined with what is there.
 */
export interface TablePlan {
  readonly definition: TableDefinition
  readonly rows: (stamps: Stamps) => Target<Row<unknown>>
  readonly owned: (run: number) => Target<Row<unknown>>
  readonly keys: Target<Row<unknown>>
  readonly createKeys: string
  readonly clearKeys: string
  /** Numbers of the rows that a later one of the same key replaces. */
  readonly findReplaced: string
  readonly deleteReplaced: string
  readonly deleteStaged: string
  readonly disownStaged: string
  /** Staged keys whose row is there and not owned by the run `$1`: number, id and pipeline of the owner (or null), then the key. */
  readonly findForeign: string
}

/** The judge accepted only objects. */
const fieldOf = (name: string): Filled<Row<unknown>>['read'] => (row) => (row.value as Readonly<Record<string, unknown>>)[name]

const stampOf = (name: string, { version, nowMillis }: Stamps): Filled<Row<unknown>>['read'] => {
  if (name === 'row_id') return (row) => row.rowId
  return name === 'pipeline_version' ? () => version : () => nowMillis
}

/** In the order of the table; what somebody added to it stays NULL. */
const rowColumns = (definition: TableDefinition, order: readonly string[], stamps: Stamps): Target<Row<unknown>>['columns'] => {
  const own = definition.columns.length
  const columns = physicalColumns(definition)
  return order.map((name) => {
    const index = columns.findIndex((column) => column.name === name)
    const column = columns[index]
    if (column === undefined) return undefined
    return { type: column.type, read: index < own ? fieldOf(name) : stampOf(name, stamps) }
  })
}

const keyColumns = ({ key, columns }: TableDefinition): readonly PhysicalColumn[] =>
  // The definition was checked: every key is a column.
  key.map((name) => columns.find((column) => column.name === name) as PhysicalColumn)

const keyFills = (definition: TableDefinition): readonly Filled<Row<unknown>>[] =>
  keyColumns(definition).map(({ name, type }) => ({ type, read: fieldOf(name) }))

/** A name that no key has. */
const numberColumn = (key: readonly string[]): string => {
  let name = 'ord'
  while (key.some((other) => other.toLowerCase() === name)) name += '_'
  return quote(name)
}

const findForeignStatement = ({ table, key }: TableDefinition, stage: string): string => {
  const keys = key.map((name, index) => `s.${quote(name)} AS k${index}`).join(', ')
  return (
    `SELECT r.number AS owner_number, r.run AS owner_run, r.pipeline AS owner_pipeline, ${keys} FROM ${stage} s ` +
    `JOIN ${userTable(table)} t ON ${equalKeys('t', 's', key)} ` +
    `LEFT JOIN ${ownedTable(table)} o ON ${equalKeys('o', 's', key)} LEFT JOIN ${HIDDEN_SCHEMA}.runs r ON r.number = o.${OWNER} ` +
    `WHERE o.${OWNER} IS DISTINCT FROM $1::INTEGER`
  )
}

/**
 * @param number - tells the temporary tables of one database apart
 * @param order - the columns of the table as it is
 */
export const planTable = (definition: TableDefinition, number: number, order: readonly string[]): TablePlan => {
  const { table, key } = definition
  const name = `keys_${number}`
  const stage = `temp.${quote(name)}`
  const ord = numberColumn(key)
  const replaced = `${ord} NOT IN (SELECT max(${ord}) FROM ${stage} GROUP BY ${quoteAll(key)})`
  const columns = keyColumns(definition).map((column) => `${quote(column.name)} ${column.type}`).join(', ')
  const fills = keyFills(definition)
  const numbers: Filled<Row<unknown>> = { type: 'INTEGER', read: (_, index) => index }
  return {
    definition,
    rows: (stamps) => ({ schema: 'main', table, columns: rowColumns(definition, order, stamps) }),
    owned: (run) => ({
      schema: HIDDEN_SCHEMA, table: OWNED_PREFIX + table, columns: [{ type: 'INTEGER', read: () => run }, ...fills],
    }),
    keys: { catalog: 'temp', schema: 'main', table: name, columns: [numbers, ...fills] },
    createKeys: `CREATE TEMP TABLE IF NOT EXISTS ${quote(name)} (${ord} INTEGER, ${columns})`,
    clearKeys: `TRUNCATE ${stage}`,
    findReplaced: `SELECT ${ord} FROM ${stage} WHERE ${replaced}`,
    deleteReplaced: `DELETE FROM ${stage} WHERE ${replaced}`,
    deleteStaged: `DELETE FROM ${userTable(table)} t USING ${stage} s WHERE ${equalKeys('t', 's', key)}`,
    disownStaged: `DELETE FROM ${ownedTable(table)} o USING ${stage} s WHERE ${equalKeys('o', 's', key)}`,
    findForeign: findForeignStatement(definition, stage),
  }
}

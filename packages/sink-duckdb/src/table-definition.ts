import * as t from 'io-ts'
import { type Column, columnOf, NoColumn } from './columns.js'
import type { ColumnType } from './column-codec.js'

/** A table as a codec describes it. */
export interface TableDefinition {
  readonly table: string
  /** Of the codec, in its order. */
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  /** Whether the sink adds `row_id`, `pipeline_version` and `updated_at`. */
  readonly stamp: boolean
  /** Present where the codec judges the row as a whole (a brand or refinement of the object). */
  readonly acceptsRow?: (value: unknown) => boolean
}

/** A column as the database knows it. */
export interface PhysicalColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}

const STAMPS: readonly PhysicalColumn[] = [
  { name: 'row_id', type: 'VARCHAR', nullable: false },
  { name: 'pipeline_version', type: 'VARCHAR', nullable: false },
  { name: 'updated_at', type: 'TIMESTAMP', nullable: false },
]

/** All columns, the sink's own at the end. */
export const physicalColumns = (definition: TableDefinition): readonly PhysicalColumn[] =>
  definition.stamp ? [...definition.columns, ...STAMPS] : definition.columns

interface Field {
  readonly name: string
  readonly codec: t.Any
  readonly optional: boolean
}

const fieldsOfProps = (props: t.AnyProps, optional: boolean): Field[] =>
  Object.keys(props).map((name) => {
    // `name` is a key of `props`.
    const codec = props[name] as t.Any
    return { name, codec, optional }
  })

/** The casts say what io-ts promises with each tag. */
const fieldsOf = (codec: t.Any & { readonly _tag?: string }, refined: t.Any[]): Field[] => {
  switch (codec._tag) {
    case 'InterfaceType': return fieldsOfProps((codec as t.TypeC<t.AnyProps>).props, false)
    case 'PartialType': return fieldsOfProps((codec as t.PartialC<t.AnyProps>).props, true)
    case 'ExactType':
    case 'ReadonlyType': return fieldsOf((codec as t.ReadonlyC<t.Any>).type, refined)
    case 'IntersectionType':
      return (codec as t.IntersectionC<[t.Any, t.Any]>).types.flatMap((part) => fieldsOf(part, refined))
    case 'RefinementType':
      refined.push(codec)
      return fieldsOf((codec as t.RefinementC<t.Any>).type, refined)
    default:
      throw new TypeError(
        `${codec.name} does not describe a row: use t.type, t.partial, t.intersection, t.exact, t.strict or t.readonly`,
      )
  }
}

const columnOfField = (table: string, { name, codec, optional }: Field): Column => {
  try {
    return columnOf(name, codec, optional)
  } catch (error) {
    if (error instanceof NoColumn) throw new TypeError(`Table "${table}", field "${name}": ${error.message}.`)
    throw error
  }
}

/** DuckDB's names do not tell cases apart. */
const refuseEqualNames = (table: string, names: readonly string[]): void => {
  const seen = new Map<string, string>()
  for (const name of names) {
    const folded = name.toLowerCase()
    const before = seen.get(folded)
    if (before !== undefined) throw new TypeError(`Table "${table}": the columns "${before}" and "${name}" have one name in DuckDB.`)
    seen.set(folded, name)
  }
}

const checkKey = (table: string, key: readonly string[], columns: readonly Column[]): void => {
  if (key.length === 0) throw new TypeError(`Table "${table}" needs a key: name at least one field.`)
  for (const name of key) {
    const column = columns.find((one) => one.name === name)
    if (column === undefined) throw new TypeError(`Table "${table}": the key names "${name}", which is no field of the codec.`)
    if (column.nullable) throw new TypeError(`Table "${table}": the key field "${name}" may be null; a key cannot.`)
  }
  refuseEqualNames(table, key)
}

/**
 * Reads a table from a codec.
 * @throws TypeError naming the table and field that has no column
 */
export const defineTable = (table: string, codec: t.Any, key: readonly string[], stamp: boolean): TableDefinition => {
  if (table === '') throw new TypeError('A table needs a name.')
  const refined: t.Any[] = []
  const columns = fieldsOf(codec, refined).map((field) => columnOfField(table, field))
  checkKey(table, key, columns)
  const definition = { table, columns, key: [...key], stamp }
  refuseEqualNames(table, physicalColumns(definition).map(({ name }) => name))
  if (refined.length === 0) return definition
  return { ...definition, acceptsRow: (value) => refined.every((one) => one.is(value)) }
}

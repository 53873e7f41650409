import type { Failure } from '@millrace/core'
import type { Column } from './columns.js'
import type { TableDefinition } from './table-definition.js'

const MAX_SHOWN = 80

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value.length > MAX_SHOWN ? `a string of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  if (typeof value === 'function') return 'a function'
  return String(value)
}

const EXPECTED: Readonly<Record<Column['type'], string>> = {
  VARCHAR: 'a string',
  DOUBLE: 'a number',
  BIGINT: 'a whole number within ±(2^53 - 1)',
  INTEGER: 'a whole number from -2^31 to 2^31 - 1',
  BOOLEAN: 'true or false',
  TIMESTAMP: 'whole Unix milliseconds within ±8.64e15',
}

const pointer = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

const expected = (column: Column, value: unknown): string =>
  typeof value === 'string' && column.type === 'VARCHAR'
    ? 'it is a string, but none of those that its codec takes'
    : `expected ${EXPECTED[column.type]}${column.nullable ? ' or null' : ''}, as its codec says`

const misfit = (table: string, column: Column, value: unknown): Failure => ({
  _tag: 'Column',
  code: typeof value === 'number' && column.type !== 'VARCHAR' && column.type !== 'BOOLEAN' ? 'OutOfRange' : 'InvalidArgument',
  message: `${shown(value)} does not fit column "${column.name}" of table "${table}" (${column.type}): ${expected(column, value)}`,
  path: pointer(column.name),
})

/**
 * Whether a value fits its table: `undefined`, or why not. NaN and infinities fit a `DOUBLE`; a lone surrogate in a text
 * fits, and is stored as U+FFFD.
 */
export const judge = (definition: TableDefinition, value: unknown): Failure | undefined => {
  if (typeof value !== 'object' || value === null) {
    return { _tag: 'Column', code: 'InvalidArgument', message: `${shown(value)} is not a row of table "${definition.table}"` }
  }
  // An object can be asked for any name.
  const fields = value as Readonly<Record<string, unknown>>
  for (const column of definition.columns) {
    const field = fields[column.name]
    if (!column.accepts(field)) return misfit(definition.table, column, field)
  }
  if (definition.acceptsRow !== undefined && !definition.acceptsRow(value)) {
    return { _tag: 'Column', code: 'InvalidArgument', message: `the codec of table "${definition.table}" does not accept the row` }
  }
  return undefined
}

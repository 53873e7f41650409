import { quotedIdentifier } from '@duckdb/node-api'

/** Where checkpoints and ownership live, beside the user's tables. */
export const HIDDEN_SCHEMA = 'millrace'

/** `owned_bars` says who owns the keys of `bars`. */
export const OWNED_PREFIX = 'owned_'

/** Its first column, the number of the run; the others are the key. */
export const OWNER = 'millrace_run'

/** A name as SQL writes it, whatever characters it has. */
export const quote = (name: string): string => quotedIdentifier(name)

/** Several names, separated by commas. */
export const quoteAll = (names: readonly string[]): string => names.map(quote).join(', ')

/** The table that says which run owns which key of `table`. */
export const ownedTable = (table: string): string => `${HIDDEN_SCHEMA}.${quote(OWNED_PREFIX + table)}`

/** A user's table: always in the main schema of the file. */
export const userTable = (table: string): string => `main.${quote(table)}`

/** `a.x = b.x AND a.y = b.y`. */
export const equalKeys = (left: string, right: string, key: readonly string[]): string =>
  key.map((name) => `${left}.${quote(name)} = ${right}.${quote(name)}`).join(' AND ')

/**
 * A value of a query's result. Dates and times are Unix milliseconds; whole numbers are numbers where that is exact, and
 * bigints beyond 2^53; lists are arrays, structs are objects. A byte order mark that a text begins with is dropped by the driver
 * (`encode(text)` shows it).
 * @public
 */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly QueryValue[]
  | { readonly [key: string]: QueryValue }

/** A value that a query is given, for `$1`, `$2`, … @public */
export type QueryParameter = string | number | bigint | boolean | null

/** A row by the names of its columns; of equal names the later ones get a number. @public */
export type QueryRow = Readonly<Record<string, QueryValue>>

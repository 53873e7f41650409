import * as t from 'io-ts'

/** The column types that a codec can have. @public */
export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'TIMESTAMP'

/**
 * A codec that names its column: where the type in TypeScript alone does not say it (a number may be a count, a measure or
 * a time). It changes no value.
 * @public
 */
export class ColumnCodec extends t.Type<number> {
  readonly _tag = 'ColumnCodec'
  readonly column: ColumnType

  constructor(name: string, column: ColumnType, is: (value: unknown) => boolean) {
    const guard = (value: unknown): value is number => is(value)
    super(name, guard, (u, c) => (guard(u) ? t.success(u) : t.failure(u, c)), t.identity)
    this.column = column
  }
}

/** ECMAScript's range of time values; DuckDB's own is wider. */
const MAX_TIME_MILLIS = 8.64e15
const MAX_INTEGER = 2 ** 31

/**
 * Whole Unix epoch milliseconds, UTC, in a `TIMESTAMP` column.
 * Range: ±8.64e15, that of a JavaScript `Date`.
 * @public
 */
export const timestampMillis: ColumnCodec = new ColumnCodec(
  'timestampMillis',
  'TIMESTAMP',
  (u) => typeof u === 'number' && Number.isInteger(u) && Math.abs(u) <= MAX_TIME_MILLIS,
)

/** A whole number from -2^31 to 2^31 - 1, in an `INTEGER` column. (`t.Int` is a `BIGINT`.) @public */
export const integer32: ColumnCodec = new ColumnCodec(
  'integer32',
  'INTEGER',
  (u) => typeof u === 'number' && Number.isInteger(u) && u >= -MAX_INTEGER && u < MAX_INTEGER,
)

/** A whole number that JavaScript holds exactly, ±(2^53 − 1), in a `BIGINT` column: `t.Int` without its brand, as counts are. @public */
export const integer64: ColumnCodec = new ColumnCodec('integer64', 'BIGINT', Number.isSafeInteger)

/**
 * The embedded warehouse: tables, dead letters and checkpoints in one DuckDB file, committed together.
 * @packageDocumentation
 */
export { ColumnCodec, type ColumnType, integer32, integer64, timestampMillis } from './column-codec.js'
export { type DuckDbTable, duckdbTable, type DuckDbTableOptions } from './duckdb-table.js'
export { duckdbDeadLetters, type DuckDbDeadLettersOptions } from './dead-letters.js'
export { duckdbOwner, type DuckDbOwner } from './owner.js'
export { duckdbCheckpoint, queryDuckdb } from './query.js'
export type { QueryParameter, QueryRow, QueryValue } from './query-value.js'

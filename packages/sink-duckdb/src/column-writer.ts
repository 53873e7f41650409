import type { DuckDBDataChunk } from '@duckdb/node-api'
import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { ColumnType } from './column-codec.js'

/** DuckDB's vector size. */
export const CHUNK_ROWS = 2048
const TWO_32 = 2 ** 32

/**
 * Columns are written as memory, not value by value: two thirds of the CPU of `setItem`, most of all for nulls. One set of
 * scratch columns per process: writing is synchronous.
 */
const scratch = new ArrayBuffer(CHUNK_ROWS * 16)
const doubles = new Float64Array(scratch)
const words = new Uint32Array(scratch)
const integers = new Int32Array(scratch)
const bytes = new Uint8Array(scratch)
const validity = new Uint8Array(CHUNK_ROWS / 8)

/** Microseconds of whole milliseconds, as two halves: beyond 2^53 a product would be rounded. */
const putMicros = (index: number, millis: number): void => {
  const high = Math.floor(millis / TWO_32)
  const low = (millis - high * TWO_32) * 1_000
  const carry = Math.floor(low / TWO_32)
  words[2 * index] = low - carry * TWO_32
  words[2 * index + 1] = high * 1_000 + carry
}

const putBigInt = (index: number, value: number): void => {
  words[2 * index] = value
  words[2 * index + 1] = Math.floor(value / TWO_32)
}

/** DuckDB's `duckdb_string_t`: four bytes of length, then the text itself if it fits, else a pointer. */
const TEXT_WIDTH = 16
const MAX_INLINE_BYTES = 12

/** Texts of the column that do not fit into their element. */
const longTexts: string[] = []
const longIndexes: number[] = []

/** A short ASCII text, written here: a call into the database for each takes several times as long. @returns whether it was one */
const putInline = (index: number, text: string): boolean => {
  const { length } = text
  if (length > MAX_INLINE_BYTES) return false
  const word = index * (TEXT_WIDTH / 4)
  words[word] = length
  // What is not used must be zero: DuckDB compares all of it.
  words[word + 1] = 0
  words[word + 2] = 0
  words[word + 3] = 0
  const start = index * TEXT_WIDTH + 4
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return false
    bytes[start + i] = unit
  }
  return true
}

const putText = (index: number, text: string): void => {
  if (putInline(index, text)) return
  longTexts.push(text)
  longIndexes.push(index)
}

/** Behind what was written inline, which is copied into the column as a whole. */
const assignLongTexts = (vector: Vector): void => {
  // Both have an entry for each.
  for (let i = 0; i < longTexts.length; i++) duckdb.vector_assign_string_element(vector, longIndexes[i] as number, longTexts[i] as string)
  forgetLongTexts()
}

const forgetLongTexts = (): void => {
  longTexts.length = 0
  longIndexes.length = 0
}

/** The judge has seen to it that the value is of the column's type: the casts rest on it. */
const put = (type: ColumnType, index: number, value: unknown): void => {
  switch (type) {
    case 'VARCHAR': return putText(index, value as string)
    case 'DOUBLE': doubles[index] = value as number; return
    case 'INTEGER': integers[index] = value as number; return
    case 'BOOLEAN': bytes[index] = value === true ? 1 : 0; return
    case 'BIGINT': return putBigInt(index, value as number)
    case 'TIMESTAMP': return putMicros(index, value as number)
  }
}

const WIDTHS: Readonly<Record<ColumnType, number>> = { VARCHAR: TEXT_WIDTH, DOUBLE: 8, BIGINT: 8, TIMESTAMP: 8, INTEGER: 4, BOOLEAN: 1 }

const writeValidity = (vector: Vector): void => {
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, validity.length)
}

/** Writes `read(rows[from])` … `read(rows[to - 1])` into a column of a chunk; nothing is NULL. */
export const writeColumn = <R>(
  chunk: DuckDBDataChunk, column: number, type: ColumnType, rows: readonly R[], from: number, to: number,
  read: (row: R, index: number) => unknown,
): void => {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column)
  forgetLongTexts() // of a column that failed
  let nulls = 0
  for (let i = from; i < to; i++) {
    // Below `rows.length`.
    const value = read(rows[i] as R, i)
    const index = i - from
    if (value !== null && value !== undefined) put(type, index, value)
    else {
      if (type === 'VARCHAR') putInline(index, '')
      if (nulls++ === 0) validity.fill(0xff)
      // `index` is below CHUNK_ROWS.
      validity[index >> 3] = (validity[index >> 3] as number) & ~(1 << (index & 7))
    }
  }
  if (nulls < to - from) duckdb.copy_data_to_vector(vector, 0, scratch, 0, WIDTHS[type] * (to - from))
  assignLongTexts(vector)
  if (nulls > 0) writeValidity(vector)
}

/** Makes a column of a chunk NULL in every row, whatever its type. */
export const writeNulls = (chunk: DuckDBDataChunk, column: number): void => {
  validity.fill(0)
  writeValidity(duckdb.data_chunk_get_vector(chunk.chunk, column))
}

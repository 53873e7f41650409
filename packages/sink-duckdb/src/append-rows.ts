import { type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { ColumnType } from './column-codec.js'
import { CHUNK_ROWS, writeColumn, writeNulls } from './column-writer.js'

/** A chunk ends early beyond this many characters of text, so that a few 16 MB payloads are not in memory at once. */
const CHUNK_CHARACTERS = 4_000_000
/** The appender keeps what it was given until it is flushed. */
const FLUSH_CHARACTERS = 8_000_000

/** How a column is filled from row number `index`; `undefined` instead of one: with NULL. */
export interface Filled<R> {
  readonly type: ColumnType
  readonly read: (row: R, index: number) => unknown
}

/** Where rows go: a table, and all its columns in its order. */
export interface Target<R> {
  readonly catalog?: string
  readonly schema: string
  readonly table: string
  readonly columns: readonly (Filled<R> | undefined)[]
}

type ReadText<R> = Filled<R>['read']

const charactersOf = <R>(row: R, index: number, texts: readonly ReadText<R>[]): number => {
  let characters = 0
  for (const read of texts) {
    const text = read(row, index)
    if (typeof text === 'string') characters += text.length
  }
  return characters
}

/** Appends chunk by chunk, and flushes when much text has gathered. */
class ChunkedAppend<R> {
  readonly #appender: DuckDBAppender
  readonly #columns: Target<R>['columns']
  readonly #texts: readonly ReadText<R>[]
  readonly #chunk: DuckDBDataChunk
  #unflushed = 0

  constructor(appender: DuckDBAppender, columns: Target<R>['columns']) {
    this.#appender = appender
    this.#columns = columns
    this.#texts = columns.flatMap((column) => (column?.type === 'VARCHAR' ? [column.read] : []))
    this.#chunk = DuckDBDataChunk.create(columns.map((_, index) => appender.columnType(index)))
  }

  append(rows: readonly R[]): void {
    for (let from = 0; from < rows.length; ) {
      const to = this.#endOfChunk(rows, from)
      this.#appendChunk(rows, from, to)
      from = to
    }
  }

  #appendChunk(rows: readonly R[], from: number, to: number): void {
    this.#chunk.reset()
    this.#chunk.rowCount = to - from
    this.#columns.forEach((column, index) => {
      if (column === undefined) writeNulls(this.#chunk, index)
      else writeColumn(this.#chunk, index, column.type, rows, from, to, column.read)
    })
    this.#appender.appendDataChunk(this.#chunk)
    if (this.#unflushed < FLUSH_CHARACTERS) return
    this.#appender.flushSync()
    this.#unflushed = 0
  }

  #endOfChunk(rows: readonly R[], from: number): number {
    const limit = Math.min(from + CHUNK_ROWS, rows.length)
    let characters = 0
    let to = from
    while (to < limit && characters <= CHUNK_CHARACTERS) {
      // Below `rows.length`.
      characters += charactersOf(rows[to] as R, to, this.#texts)
      to += 1
    }
    this.#unflushed += characters
    return to
  }
}

/** What an appender still holds when it is forgotten would be written later, outside of the transaction. */
const abandon = (appender: DuckDBAppender): void => {
  appender.clear()
  appender.closeSync()
}

/** What `fill` appends is in the table when this resolves, or nothing of it. */
export const withAppender = async (
  connection: DuckDBConnection, { table, schema, catalog }: Omit<Target<never>, 'columns'>, fill: (appender: DuckDBAppender) => void,
): Promise<void> => {
  const appender = await connection.createAppender(table, schema, catalog)
  try {
    fill(appender)
    appender.closeSync()
  } catch (error) {
    abandon(appender)
    throw error
  }
}

/** Appends rows, which must have passed the judge, in order. Fails as a whole on a key that is there, or twice in `rows`. */
export const appendRows = <R>(connection: DuckDBConnection, target: Target<R>, rows: readonly R[]): Promise<void> =>
  withAppender(connection, target, (appender) => new ChunkedAppend(appender, target.columns).append(rows))

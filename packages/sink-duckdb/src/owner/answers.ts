import type { DuckDBConnection } from '@duckdb/node-api'
import { type Data, packData } from '@millrace/core'
import type { QueryParameter, QueryValue } from '../query-value.js'
import { hasCheckpoints, readCheckpoint } from '../read-checkpoint.js'
import { readRows } from '../read-rows.js'
import type { Answer, Question } from './messages.js'
import { fromWire, toWire } from './wire-value.js'

/** About so much goes into a piece of an answer; a row that is larger is a piece of its own. */
const PIECE_BYTES = 2 ** 20

/** About what it takes. */
const weightOf = (data: Data): number => {
  if (typeof data === 'string') return data.length + 4
  if (data instanceof Uint8Array) return data.length + 4
  if (typeof data !== 'object' || data === null) return 9
  let weight = 4
  for (const part of Object.values(data)) weight += weightOf(part)
  return weight
}

/** Cut by weight. */
function* piecesOf(rows: readonly (readonly QueryValue[])[]): Generator<Data[][]> {
  let piece: Data[][] = []
  let weight = 0
  for (const row of rows) {
    const sent = row.map(toWire)
    piece.push(sent)
    weight += weightOf(sent)
    if (weight < PIECE_BYTES) continue
    yield piece
    piece = []
    weight = 0
  }
  if (piece.length > 0) yield piece
}

/** What {@link fromWire} gives for what was asked with; anything else is DuckDB's to refuse. */
const parameterOf = (value: unknown): QueryParameter => fromWire(value as Data) as QueryParameter // as: it was unpacked

async function* rowsAnswers(connection: DuckDBConnection, { path, sql, values }: Extract<Question, { ask: 'query' }>): AsyncGenerator<Answer> {
  let named = false
  for await (const { names, rows } of readRows(connection, path, sql, values.map(parameterOf))) {
    if (!named) yield { names: [...names] }
    named = true
    for (const piece of piecesOf(rows)) yield { rows: piece }
  }
}

function* blobAnswers(blob: number, bytes: Uint8Array): Generator<Answer> {
  // Also of no bytes there is one piece.
  for (let from = 0; from === 0 || from < bytes.length; from += PIECE_BYTES) {
    yield { blob, piece: bytes.subarray(from, from + PIECE_BYTES) }
  }
}

async function* checkpointAnswers(connection: DuckDBConnection, { path, pipeline }: Extract<Question, { ask: 'checkpoint' }>): AsyncGenerator<Answer> {
  const stored = (await hasCheckpoints(connection)) ? await readCheckpoint(connection, path, pipeline) : undefined
  if (stored === undefined) return
  yield* blobAnswers(0, packData(stored.header))
  for (const [index, bytes] of stored.changes.entries()) yield* blobAnswers(index + 1, bytes)
}

/** The answer to a question, piece by piece, without its end. */
export const answersTo = (connection: DuckDBConnection, question: Question): AsyncGenerator<Answer> =>
  question.ask === 'query' ? rowsAnswers(connection, question) : checkpointAnswers(connection, question)

import { type DuckDBAppender, type DuckDBConnection, quotedString } from '@duckdb/node-api'
import { type CheckpointWrite, packData, RefusedError } from '@millrace/core'
import { withAppender } from './append-rows.js'
import type { Session } from './runs.js'
import { HIDDEN_SCHEMA } from './sql-text.js'

/** Raised when the hidden tables change; a file with another number is refused. */
const LAYOUT = 1

const SCHEMA = [
  `CREATE SCHEMA IF NOT EXISTS ${HIDDEN_SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.layout (version INTEGER NOT NULL)`,
  `INSERT INTO ${HIDDEN_SCHEMA}.layout SELECT ${LAYOUT} WHERE NOT EXISTS (FROM ${HIDDEN_SCHEMA}.layout)`,
  // No index on any of these: one row a pipeline, or read as a whole.
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.checkpoints (pipeline VARCHAR NOT NULL, part INTEGER NOT NULL, header BLOB NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.state_log (` +
    'pipeline VARCHAR NOT NULL, seq BIGINT NOT NULL, part INTEGER NOT NULL, changes BLOB NOT NULL)',
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.runs (number INTEGER NOT NULL, pipeline VARCHAR NOT NULL, run VARCHAR NOT NULL)`,
]

/** Creates the hidden tables. To be called in a transaction. */
export const ensureHiddenTables = async (connection: DuckDBConnection, path: string): Promise<void> => {
  for (const statement of SCHEMA) await connection.run(statement)
  const found = (await connection.runAndReadAll(`SELECT version FROM ${HIDDEN_SCHEMA}.layout`)).getRowsJS()[0]?.[0]
  if (found === LAYOUT) return
  throw new RefusedError(
    `${path} keeps its checkpoints in layout ${String(found)}, and this version knows ${LAYOUT}: ` +
      'use the version of @millrace/sink-duckdb that wrote it, or another file.',
    'OtherLayout',
  )
}

/**
 * Bytes are kept in pieces: to rewrite a table DuckDB holds 2,048 neighbouring rows in memory, which then are 32 MB at most.
 */
const PIECE_BYTES = 16_384

const appendPieces = (appender: DuckDBAppender, bytes: Uint8Array, start: () => void): void => {
  // Also of no bytes there is one piece.
  for (let part = 0, from = 0; part === 0 || from < bytes.length; part++, from += PIECE_BYTES) {
    start()
    appender.appendInteger(part)
    appender.appendBlob(bytes.subarray(from, from + PIECE_BYTES))
    appender.endRow()
  }
}

const appendChanges = (connection: DuckDBConnection, pipeline: string, first: number, changes: readonly Uint8Array[]): Promise<void> =>
  withAppender(connection, { schema: HIDDEN_SCHEMA, table: 'state_log' }, (appender) => {
    changes.forEach((bytes, index) => {
      appendPieces(appender, bytes, () => {
        appender.appendVarchar(pipeline)
        appender.appendBigInt(BigInt(first + index))
      })
    })
  })

const appendHeader = (connection: DuckDBConnection, pipeline: string, header: Uint8Array): Promise<void> =>
  withAppender(connection, { schema: HIDDEN_SCHEMA, table: 'checkpoints' }, (appender) => {
    appendPieces(appender, header, () => appender.appendVarchar(pipeline))
  })

/** No parameter: a statement without one is run at a third of the cost. */
const ofPipeline = (table: string, pipeline: string): string => `FROM ${HIDDEN_SCHEMA}.${table} WHERE pipeline = ${quotedString(pipeline)}`

const nextNumber = async ({ database, connection }: Session, pipeline: string): Promise<number> => {
  const known = database.known.nextChange.get(pipeline)
  if (known !== undefined) return known
  const sql = `SELECT coalesce(max(seq) + 1, 0)::DOUBLE ${ofPipeline('state_log', pipeline)}`
  return Number((await connection.runAndReadAll(sql)).getRowsJS()[0]?.[0])
}

/** Writes a checkpoint. To be called in the transaction of its rows. */
export const writeCheckpoint = async (session: Session, pipeline: string, checkpoint: CheckpointWrite): Promise<void> => {
  const { database, connection } = session
  const { changes, reset } = checkpoint
  if (reset) await connection.run(`DELETE ${ofPipeline('state_log', pipeline)}`)
  await connection.run(`DELETE ${ofPipeline('checkpoints', pipeline)}`)
  await appendHeader(connection, pipeline, packData(checkpoint.header))
  const first = reset ? 0 : await nextNumber(session, pipeline)
  if (changes.length > 0) await appendChanges(connection, pipeline, first, changes)
  database.known.nextChange.set(pipeline, first + changes.length)
}

import { DuckDBBlobValue, type DuckDBConnection } from '@duckdb/node-api'
import { type CheckpointWrite, packData, RefusedError, type StoredCheckpoint, unpackData } from '@millrace/core'
import { HIDDEN_SCHEMA } from './sql-text.js'

/** Raised when the hidden tables change; a file with another number is refused. */
const LAYOUT = 1

const SCHEMA = [
  `CREATE SCHEMA IF NOT EXISTS ${HIDDEN_SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.layout (version INTEGER NOT NULL)`,
  `INSERT INTO ${HIDDEN_SCHEMA}.layout SELECT ${LAYOUT} WHERE NOT EXISTS (FROM ${HIDDEN_SCHEMA}.layout)`,
  // No index on any of these: one row a pipeline, or read as a whole.
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.checkpoints (pipeline VARCHAR NOT NULL, header BLOB NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${HIDDEN_SCHEMA}.state_log (pipeline VARCHAR NOT NULL, seq BIGINT NOT NULL, changes BLOB NOT NULL)`,
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

const appendBlobs = async (connection: DuckDBConnection, pipeline: string, first: number, blobs: readonly Uint8Array[]): Promise<void> => {
  const appender = await connection.createAppender('state_log', HIDDEN_SCHEMA)
  blobs.forEach((blob, index) => {
    appender.appendVarchar(pipeline)
    appender.appendBigInt(BigInt(first + index))
    appender.appendBlob(blob)
    appender.endRow()
  })
  appender.closeSync()
}

const appendHeader = async (connection: DuckDBConnection, pipeline: string, header: Uint8Array): Promise<void> => {
  const appender = await connection.createAppender('checkpoints', HIDDEN_SCHEMA)
  appender.appendVarchar(pipeline)
  appender.appendBlob(header)
  appender.endRow()
  appender.closeSync()
}

const nextNumber = async (connection: DuckDBConnection, pipeline: string): Promise<number> => {
  const sql = `SELECT coalesce(max(seq) + 1, 0)::DOUBLE FROM ${HIDDEN_SCHEMA}.state_log WHERE pipeline = $1`
  return Number((await connection.runAndReadAll(sql, [pipeline])).getRowsJS()[0]?.[0])
}

/** Writes a checkpoint. To be called in the transaction of its rows. */
export const writeCheckpoint = async (connection: DuckDBConnection, pipeline: string, checkpoint: CheckpointWrite): Promise<void> => {
  if (checkpoint.reset) await connection.run(`DELETE FROM ${HIDDEN_SCHEMA}.state_log WHERE pipeline = $1`, [pipeline])
  await connection.run(`DELETE FROM ${HIDDEN_SCHEMA}.checkpoints WHERE pipeline = $1`, [pipeline])
  await appendHeader(connection, pipeline, packData(checkpoint.header))
  const { changes } = checkpoint
  if (changes.length === 0) return
  await appendBlobs(connection, pipeline, checkpoint.reset ? 0 : await nextNumber(connection, pipeline), changes)
}

const bytesOf = (value: unknown): Uint8Array => {
  if (value instanceof DuckDBBlobValue) return value.bytes
  throw new TypeError('a BLOB column gave something else')
}

const readChanges = async (connection: DuckDBConnection, pipeline: string): Promise<readonly Uint8Array[]> => {
  const sql = `SELECT changes FROM ${HIDDEN_SCHEMA}.state_log WHERE pipeline = $1 ORDER BY seq`
  const result = await connection.stream(sql, [pipeline])
  const changes: Uint8Array[] = []
  for await (const rows of result.yieldRows()) for (const row of rows) changes.push(bytesOf(row[0]))
  return changes
}

/** The last checkpoint of a pipeline; `undefined` if it has none. */
export const readCheckpoint = async (connection: DuckDBConnection, pipeline: string): Promise<StoredCheckpoint | undefined> => {
  const sql = `SELECT header FROM ${HIDDEN_SCHEMA}.checkpoints WHERE pipeline = $1`
  const row = (await connection.runAndReadAll(sql, [pipeline])).getRows()[0]
  if (row === undefined) return undefined
  return { header: unpackData(bytesOf(row[0])), changes: await readChanges(connection, pipeline) }
}

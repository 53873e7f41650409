import { DuckDBBlobValue, type DuckDBConnection } from '@duckdb/node-api'
import { ConnectorError, type Data, type StoredCheckpoint, unpackData } from '@millrace/core'
import { HIDDEN_SCHEMA } from './sql-text.js'

const bytesOf = (value: unknown): Uint8Array => {
  if (value instanceof DuckDBBlobValue) return value.bytes
  throw new TypeError('a BLOB column gave something else')
}

/**
 * @param sql - gives numbers from 0 without a gap, and of each its pieces likewise
 * @returns by number, each put together from its pieces; `undefined` where something is missing, or there twice
 */
const readPieces = async (connection: DuckDBConnection, sql: string, pipeline: string): Promise<readonly Uint8Array[] | undefined> => {
  const all: Uint8Array[][] = []
  const result = await connection.stream(sql, [pipeline])
  for await (const rows of result.yieldRows()) {
    for (const [seq, part, piece] of rows) {
      if (Number(seq) === all.length) all.push([])
      const pieces = all.at(-1)
      if (Number(seq) !== all.length - 1 || Number(part) !== pieces?.length) return undefined
      pieces.push(bytesOf(piece))
    }
  }
  return all.map((some) => Buffer.concat(some))
}

/** Whether any pipeline can have one in this file: a file may be somebody else's. */
export const hasCheckpoints = async (connection: DuckDBConnection): Promise<boolean> => {
  const sql = `SELECT 1 FROM information_schema.tables WHERE table_schema = '${HIDDEN_SCHEMA}' AND table_name = 'checkpoints'`
  return (await connection.runAndReadAll(sql)).currentRowCount > 0
}

const damaged = (path: string, pipeline: string, why: string, cause?: unknown): ConnectorError =>
  new ConnectorError({
    _tag: 'Checkpoint', code: 'DataLoss', cause,
    message: `The checkpoint of pipeline "${pipeline}" in ${path} is damaged: ${why}. Nothing was read or written: ` +
      'restore the file from a copy, or begin in a new one.',
  })

const unpackHeader = (path: string, pipeline: string, header: Uint8Array): Data => {
  try {
    return unpackData(header)
  } catch (error) {
    throw damaged(path, pipeline, error instanceof Error ? error.message : String(error), error)
  }
}

/**
 * The last checkpoint of a pipeline; `undefined` if it has none.
 * @throws ConnectorError `DataLoss`, naming the file, if it is not whole
 */
export const readCheckpoint = async (connection: DuckDBConnection, path: string, pipeline: string): Promise<StoredCheckpoint | undefined> => {
  const headerSql = `SELECT 0, part, header FROM ${HIDDEN_SCHEMA}.checkpoints WHERE pipeline = $1 ORDER BY part`
  const headers = await readPieces(connection, headerSql, pipeline)
  const changesSql = `SELECT seq, part, changes FROM ${HIDDEN_SCHEMA}.state_log WHERE pipeline = $1 ORDER BY seq, part`
  const changes = await readPieces(connection, changesSql, pipeline)
  if (headers === undefined || changes === undefined) throw damaged(path, pipeline, 'a part of it is missing, or there twice')
  const [header] = headers
  if (header !== undefined) return { header: unpackHeader(path, pipeline, header), changes }
  if (changes.length > 0) throw damaged(path, pipeline, 'its header is missing')
  return undefined
}

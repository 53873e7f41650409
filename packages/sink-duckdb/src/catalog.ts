import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Exclusive } from './exclusive.js'

/** The file inside of its instance. Nothing that is stored in it refers to this name. */
const CATALOG = 'millrace_file'

/**
 * Rows that are compressed together. A checkpoint reads and writes the last, unfinished group again: with DuckDB's own 122,880
 * that is up to a gigabyte of dead letters in memory for every 16 MB of new ones.
 */
const ROW_GROUP_ROWS = 8_192

/** A statement on a connection that does not use the file: one that does cannot detach it. */
const runOutside = async (instance: DuckDBInstance, statement: string): Promise<void> => {
  const connection = await instance.connect()
  try {
    await connection.run(statement)
  } finally {
    connection.disconnectSync()
  }
}

/** Only an attached file can have row groups of another size. */
export const attach = (instance: DuckDBInstance, path: string): Promise<void> =>
  runOutside(instance, `ATTACH IF NOT EXISTS '${path.replaceAll("'", "''")}' AS ${CATALOG} (ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`)

/** An instance that has the file, or for a moment has not. */
export interface Cataloged {
  readonly instance: DuckDBInstance
  /** Nobody is to look for the file while it is detached. */
  readonly catalog: Exclusive
}

/** A connection to the file of an instance. */
export const connect = ({ instance, catalog }: Cataloged): Promise<DuckDBConnection> =>
  catalog.run(async () => {
    const connection = await instance.connect()
    await connection.run(`USE ${CATALOG}`)
    return connection
  })

/** Detaches the file, does `work`, which is to attach it again, and lets nobody connect meanwhile. */
export const detached = ({ instance, catalog }: Cataloged, work: () => Promise<void>): Promise<void> =>
  catalog.run(async () => {
    await runOutside(instance, `DETACH ${CATALOG}`)
    await work()
  })

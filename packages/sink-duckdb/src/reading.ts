import type { DuckDBConnection } from '@duckdb/node-api'
import { type Cataloged, connect } from './catalog.js'
import type { MemoryLimit } from './memory-limit.js'

/** A connection of its own: it sees what was committed, never half an epoch. */
export const connected = async <A>(connecting: Promise<DuckDBConnection>, work: (connection: DuckDBConnection) => Promise<A>): Promise<A> => {
  const connection = await connecting
  try {
    return await work(connection)
  } finally {
    connection.disconnectSync()
  }
}

/** In a transaction that only reads, as in an instance of its own. What was read is not to be kept: there is nothing to commit. */
export const onlyReading = <A>(
  database: Cataloged & { readonly memory: MemoryLimit }, work: (connection: DuckDBConnection) => Promise<A>,
): Promise<A> =>
  database.memory.lifted(() =>
    connected(connect(database), async (connection) => {
      await connection.run('BEGIN TRANSACTION READ ONLY')
      return work(connection)
    }),
  )

import type { DuckDBConnection } from '@duckdb/node-api'
import { assertUsable, type Database } from './database.js'
import { classify, isInterrupted } from './errors.js'

/** What a transaction ends with: `keep` commits it. */
export interface Verdict<A> {
  readonly keep: boolean
  readonly value: A
}

const rollback = async (database: Database, connection: DuckDBConnection): Promise<void> => {
  database.known.forget()
  try {
    await database.memory.lifted(() => connection.run('ROLLBACK'))
  } catch {
    // The error that led here is the one to report; a connection that cannot roll back has nothing to roll back.
  }
}

/**
 * A commit that failed (a full disk, say) may have left traces in DuckDB's memory: keys in an index whose rows were taken
 * back. So this instance is not used again, and not written out; the file itself holds the last commit.
 */
const commit = async (database: Database, connection: DuckDBConnection): Promise<void> => {
  try {
    await database.memory.lifted(() => connection.run('COMMIT'))
  } catch (error) {
    if (!isInterrupted(error)) database.broken = classify(error, database.path)
    throw error
  }
}

/** Runs `work` in one transaction: committed if it says so, rolled back if it does not, or throws. */
export const inTransaction = async <A>(
  database: Database, connection: DuckDBConnection, work: () => Promise<Verdict<A>>,
): Promise<A> => {
  assertUsable(database)
  await connection.run('BEGIN TRANSACTION')
  try {
    const { keep, value } = await work()
    if (keep) await commit(database, connection)
    else await rollback(database, connection)
    return value
  } catch (error) {
    await rollback(database, connection)
    throw error
  }
}

import type { DuckDBConnection } from '@duckdb/node-api'

/** What a transaction ends with: `keep` commits it. */
export interface Verdict<A> {
  readonly keep: boolean
  readonly value: A
}

const rollback = async (connection: DuckDBConnection): Promise<void> => {
  try {
    await connection.run('ROLLBACK')
  } catch {
    // The error that led here is the one to report; a connection that cannot roll back has nothing to roll back.
  }
}

/** Runs `work` in one transaction: committed if it says so, rolled back if it does not, or throws. */
export const inTransaction = async <A>(connection: DuckDBConnection, work: () => Promise<Verdict<A>>): Promise<A> => {
  await connection.run('BEGIN TRANSACTION')
  try {
    const { keep, value } = await work()
    await connection.run(keep ? 'COMMIT' : 'ROLLBACK')
    return value
  } catch (error) {
    await rollback(connection)
    throw error
  }
}

import { DuckDBInstance } from '@duckdb/node-api'

/** Columns that say when and how often something was tried. */
const TABLES = { bars: 'updated_at', dead_letters: 'occurred_at, attempt, stack' }

const scalar = async (connection, sql) => Number((await connection.runAndReadAll(sql)).getRowsJS()[0][0])

/** Rows that one table has and the other has not, both ways, duplicates counted. */
const differences = async (connection, table, without) => {
  const of = (db) => `SELECT * EXCLUDE (${without}) FROM ${db}.main.${table}`
  const only = (a, b) => scalar(connection, `SELECT count(*) FROM (${of(a)} EXCEPT ALL ${of(b)})`)
  return (await only('killed', 'undisturbed')) + (await only('undisturbed', 'killed'))
}

/** Throws unless both files have the same rows in all columns that do not tell the time. */
export const compareTables = async (killed, undisturbed) => {
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    await connection.run(`ATTACH '${killed}' AS killed (READ_ONLY)`)
    await connection.run(`ATTACH '${undisturbed}' AS undisturbed (READ_ONLY)`)
    for (const [table, without] of Object.entries(TABLES)) {
      const count = await scalar(connection, `SELECT count(*) FROM killed.main.${table}`)
      const different = await differences(connection, table, without)
      console.log(`${table}: ${count.toLocaleString('en-US')} rows, ${different} different (compared without ${without})`)
      if (different !== 0 || count === 0) throw new Error(`${table} of ${killed} is not that of ${undisturbed}`)
    }
    connection.disconnectSync()
  } finally {
    instance.closeSync()
  }
}

// Files to bars by DuckDB's own SQL, on one thread. Usage: sql.mjs DATABASE FILE…
import { DuckDBInstance } from '@duckdb/node-api'
import { report, stopwatch } from '../measured.mjs'
import { barsSql, barsTableSql } from '../sql.mjs'

const [database, ...files] = process.argv.slice(2)
const taken = stopwatch()
const instance = await DuckDBInstance.create(database, { threads: '1' })
const connection = await instance.connect()
await connection.run(barsTableSql)
await connection.run(barsSql(files))
connection.closeSync()
instance.closeSync()
report({ cpuMicros: taken() })

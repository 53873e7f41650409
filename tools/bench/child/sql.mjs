// Files to bars by DuckDB's own SQL, on one thread. Usage: sql.mjs bars|all DATABASE FILE…
import { DuckDBInstance } from '@duckdb/node-api'
import { report, stopwatch } from '../measured.mjs'
import { barsAndRejects, barsOnly } from '../sql.mjs'

const [what, database, ...files] = process.argv.slice(2)
const statements = { bars: barsOnly, all: barsAndRejects }[what]
const taken = stopwatch()
const instance = await DuckDBInstance.create(database, { threads: '1' })
const connection = await instance.connect()
for (const statement of statements(files)) await connection.run(statement)
connection.closeSync()
instance.closeSync()
report({ cpuMicros: taken() })

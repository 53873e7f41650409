// Files to bars by the library: folder source, the race's pipeline, tables of one DuckDB file. Usage: backfill.mjs DATABASE FOLDER
import { folder } from '@millrace/connector-gcs'
import { runLocal } from '@millrace/core'
import { duckdbDeadLetters, duckdbTable } from '@millrace/sink-duckdb'
import { report, stopwatch } from '../measured.mjs'
import { RaceRow, tradesToBars } from '../race-pipeline.mjs'

const [path, files] = process.argv.slice(2)
const taken = stopwatch()
const bars = duckdbTable({ path, table: 'bars', codec: RaceRow, key: ['w', 's'] })
const pipeline = tradesToBars({ source: folder({ paths: [files] }), bars, deadLetters: duckdbDeadLetters({ path }) })
const { total } = await runLocal(pipeline, {}).done
report({ cpuMicros: taken(), unaccounted: total.unaccounted, deadLetters: total.deadLettered })

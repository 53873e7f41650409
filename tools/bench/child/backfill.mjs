// Files to bars by the library: folder source, the race's pipeline, tables of one DuckDB file. Usage: backfill.mjs DATABASE FOLDER
import * as t from 'io-ts'
import { folder } from '@millrace/connector-gcs'
import { runLocal } from '@millrace/core'
import { duckdbDeadLetters, duckdbTable } from '@millrace/sink-duckdb'
import { report, stopwatch } from '../measured.mjs'
import { tradesToBars } from '../race-pipeline.mjs'

const Row = t.type({ w: t.Int, s: t.string, o: t.Int, h: t.Int, l: t.Int, c: t.Int, v: t.Int, pv: t.Int, n: t.Int }, 'Row')

const [path, files] = process.argv.slice(2)
const taken = stopwatch()
const bars = duckdbTable({ path, table: 'bars', codec: Row, key: ['w', 's'] })
const pipeline = tradesToBars({ source: folder({ paths: [files] }), bars, deadLetters: duckdbDeadLetters({ path }) })
const { total } = await runLocal(pipeline, {}).done
report({ cpuMicros: taken(), unaccounted: total.unaccounted, deadLetters: total.deadLettered })

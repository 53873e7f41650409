// Frames over a websocket through a journal into bars of a DuckDB file, or (memory) the same from memory to a sink that keeps nothing.
// Usage: live.mjs socket|memory FILE FRAMES FOLDER [CPU]   (FRAMES: of trades, in the file; CPU: the sender's)
// The time that is taken is the clock's, of the second half of the frames, to the end of the run with all of its files closed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLocal } from '@millrace/core'
import { duckdbDeadLetters, duckdbTable } from '@millrace/sink-duckdb'
import { batchesOf, end, memoryLines } from '../frames.mjs'
import { liveFrames, startSender } from '../live-run.mjs'
import { report, stopwatch } from '../measured.mjs'
import { framesToBars, RaceRow } from '../race-pipeline.mjs'
import { countingSink, summingSink } from '../sinks.mjs'

const [how, file, frames, folder, cpu] = process.argv.slice(2)
const path = join(folder, 'bars.duckdb')

const fromSocket = async () => ({
  source: liveFrames(await startSender(['all', file], cpu), join(folder, 'journal')),
  bars: duckdbTable({ path, table: 'bars', codec: RaceRow, key: ['w', 's'] }),
  deadLetters: duckdbDeadLetters({ path }),
})

const fromMemory = async () => ({
  source: memoryLines([...batchesOf(readFileSync(file)), end]),
  bars: summingSink('bars').sink,
  deadLetters: countingSink('dead letters').sink,
})

const parts = await (how === 'socket' ? fromSocket() : fromMemory())
const half = Math.floor(Number(frames) / 2)
let seenFrames = 0
let halfAt
let taken
const seen = () => {
  if (++seenFrames !== half) return
  halfAt = performance.now()
  taken = stopwatch()
}
const { total } = await runLocal(framesToBars(parts, seen), {}).done
const millis = performance.now() - halfAt
report({ millis, cpuMicros: taken(), rows: total.delivered.bars, unaccounted: total.unaccounted, deadLetters: total.deadLettered })

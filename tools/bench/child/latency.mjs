// How long after a window has ended its bars can be read. Usage: latency.mjs SECONDS FOLDER [CPU]   (CPU: the sender's)
// A window ends with the frame that moves the watermark past it: the journal says when that was received. From then on it is looked,
// again and again, whether a query on the file finds the window's bars.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJournal, runLocal } from '@millrace/core'
import { duckdbDeadLetters, duckdbTable, queryDuckdb } from '@millrace/sink-duckdb'
import { liveFrames, startSender } from '../live-run.mjs'
import { report } from '../measured.mjs'
import { framesToBars, RaceRow } from '../race-pipeline.mjs'

const times = { windowMillis: 250, boundMillis: 100 }
const LOOK_MILLIS = 2

const [seconds, folder, cpu] = process.argv.slice(2)
const [path, journal] = [join(folder, 'bars.duckdb'), join(folder, 'journal')]

/** When each window was first found, by its start. */
const look = async (signal) => {
  const found = new Map()
  for (let last = 0; !signal.aborted; await sleep(LOOK_MILLIS)) {
    const rows = await queryDuckdb(path, 'SELECT w, count(*)::DOUBLE AS bars FROM bars WHERE w > $1 GROUP BY w', [last]).catch(() => [])
    for (const { w, bars } of rows) {
      last = Math.max(last, Number(w))
      found.set(Number(w), { atMillis: Date.now(), bars })
    }
  }
  return found
}

/** When the frame was received that moved the watermark past the end of each window, by its start. */
const passed = async () => {
  const at = new Map()
  let next
  for await (const { receivedAtMillis, value } of readJournal(journal)) {
    const watermark = JSON.parse(value).data.at(-1).t - times.boundMillis
    next ??= Math.ceil((watermark + times.boundMillis) / times.windowMillis) * times.windowMillis
    for (; next + times.windowMillis <= watermark; next += times.windowMillis) at.set(next, receivedAtMillis)
  }
  return at
}

const source = liveFrames(await startSender(['paced', seconds], cpu), journal, true)
const bars = duckdbTable({ path, table: 'bars', codec: RaceRow, key: ['w', 's'] })
const job = runLocal(framesToBars({ source, bars, deadLetters: duckdbDeadLetters({ path }), times }, () => undefined), {})
const over = new AbortController()
const [{ total }, found] = await Promise.all([job.done.finally(() => over.abort()), look(over.signal)])
const windows = [...(await passed())]
const latencies = windows.map(([start, receivedAtMillis]) => (found.get(start)?.atMillis ?? Infinity) - receivedAtMillis).sort((a, b) => a - b)
const partial = windows.filter(([start]) => found.get(start)?.bars !== 20).length
report({ latencies, partial, unaccounted: total.unaccounted, deadLetters: total.deadLettered })

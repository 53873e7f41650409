import { mkdtempSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { byTurns, expectAll, median, medianRatio, runChild } from './children.mjs'
import { cpus } from './cpus.mjs'
import { knownCount, knownSum } from './race-input.mjs'
import { nanos } from './report.mjs'

const LATENCY_SECONDS = 56
const LEAST_WINDOWS = 200

const perSecond = (millis) => `${Math.round(knownCount / 2 / millis)} thousand trades/s`

const machine = () => `load average ${loadavg()[0].toFixed(1)}; ${cpus === undefined ? 'the sender has no processor of its own' : `the sender on processor ${cpus.sender}, the rest on ${cpus.measured}`}`

/** Frames of trades over a websocket, through the journal, into bars of a DuckDB file, against the same frames in memory. */
const compareRates = ({ folder, framesFile, rows, deadLetters }) => {
  const frames = readFileSync(framesFile, 'latin1').split(']}\n').length - 1
  const run = (how) => {
    const own = mkdtempSync(join(folder, `${how}-`))
    const ran = runChild('live', [how, framesFile, frames, own, ...(cpus === undefined ? [] : [cpus.sender])], cpus?.measured)
    if (how === 'socket') expectAll('the table', [runChild('compare', [join(own, 'bars.duckdb'), join(own, 'bars.duckdb'), 1])], { rows, sums: knownSum })
    return ran
  }
  const { socket, memory } = byTurns(3, { socket: () => run('socket'), memory: () => run('memory') })
  expectAll('live and in memory', [...socket, ...memory], { rows, deadLetters, unaccounted: 0 })
  const times = (results) => results.map(({ millis }) => millis)
  const cpu = (results) => median(results.map(({ cpuMicros }) => cpuMicros))
  return {
    name: 'live socket → journal → DuckDB bars / frames in memory → a sink that drops, trades per second',
    ratio: medianRatio(times(memory), times(socket)),
    least: 0.4,
    from: [
      `the second million, to the end of the run: ${perSecond(median(times(socket)))} and ${perSecond(median(times(memory)))}`,
      `CPU time a trade, without the sender: ${nanos(cpu(socket), knownCount / 2)} and ${nanos(cpu(memory), knownCount / 2)}`,
      machine(),
    ],
  }
}

/** From the receipt of the frame that moves the watermark past a window to its bars in the answer of a query. */
const compareLatency = ({ folder }) => {
  const args = [LATENCY_SECONDS, mkdtempSync(join(folder, 'latency-')), ...(cpus === undefined ? [] : [cpus.sender])]
  const found = runChild('latency', args, cpus?.measured)
  expectAll('the latency', [found], { unaccounted: 0, deadLetters: 0, partial: 0 })
  const { latencies } = found
  if (latencies.length < LEAST_WINDOWS) throw new Error(`the latency: only ${latencies.length} windows were seen, must be ${LEAST_WINDOWS}`)
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))]
  return {
    name: "milliseconds from the watermark's passing a window to a readable row, 99th percentile",
    ratio: at(0.99),
    limit: 50,
    from: [`${latencies.length} windows of 250 ms and 20 symbols at 2,000 trades/s: half within ${at(0.5)} ms, all within ${at(1)} ms`, machine()],
  }
}

/** The live lane: how many trades a second it takes, and how soon a bar can be read. */
export const compareLive = (input) => [compareRates(input), compareLatency(input)]

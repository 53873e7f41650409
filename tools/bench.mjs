// What Millrace costs, as ratios within one run: `npm run bench` (some minutes; fails if a limit is broken).
// Usage: node tools/bench.mjs [guard | frames | growth | keys | backfill | live]…
// Every time is CPU time (user and system, all threads) of a fresh process, but for `live`: there it is the clock's. Ratios are medians over
// rounds in which they take turns. A time only counts if the bars are right, by a checksum that every engine that runs the race must reach.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareBackfill } from './bench/compare-backfill.mjs'
import { compareFrames } from './bench/compare-frames.mjs'
import { compareGrowth } from './bench/compare-growth.mjs'
import { compareGuard } from './bench/compare-guard.mjs'
import { compareKeys } from './bench/compare-keys.mjs'
import { compareLive } from './bench/compare-live.mjs'
import { knownCount, knownSum, makeRaceInput } from './bench/race-input.mjs'
import { print, printLine } from './bench/report.mjs'

const comparisons = { guard: compareGuard, frames: compareFrames, growth: compareGrowth, keys: compareKeys, backfill: compareBackfill, live: compareLive }

const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => !Object.hasOwn(comparisons, name))
if (unknown !== undefined) {
  process.stderr.write(`There is no comparison '${unknown}': use ${Object.keys(comparisons).join(', ')}\n`)
  process.exit(2)
}

const prepareInput = (folder) => {
  const { frames, trades, good, bad, cutFrames, rows, sum } = makeRaceInput(knownCount, [10])
  if (sum !== knownSum) throw new Error(`the input is not the race's: its bars sum up to ${sum}, must be ${knownSum}`)
  printLine(`${good.toLocaleString('en')} trades and ${bad.toLocaleString('en')} bad ones, ${rows.toLocaleString('en')} bars; the input is the race's (sha256 ${sum.slice(0, 12)}…)`)
  const [framesFile, tradesFile] = ['frames.ndjson', 'trades.ndjson'].map((name) => join(folder, name))
  writeFileSync(framesFile, frames.get(10))
  writeFileSync(tradesFile, trades)
  return { folder, framesFile, tradesFile, trades, rows, bad, deadLetters: bad + cutFrames.get(10) }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
try {
  const input = prepareInput(folder)
  const names = chosen.length === 0 ? Object.keys(comparisons) : chosen
  // Some have more than one result.
  const kept = names.flatMap((name) => [comparisons[name](input)].flat().map(print))
  process.exitCode = kept.every(Boolean) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

// Reads gigabytes that are generated while they are read, through the example's pipeline into a real DuckDB file, and watches
// from outside what is resident of the process (Linux only: /proc).
// Usage: node tools/soak.mjs [NAME…] [--gb N] [--minutes N]   (default: all scenarios of tools/soak/scenarios.mjs, at their full size, and market:
// an hour of a market, sixty times as fast, through an exchange, a journal and DuckDB)
// Exit 0: all limits held, and every trade and dead letter is there. 1: not. 2: usage.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { runMarket } from './soak/market.mjs'
import { marketChecks } from './soak/market-verdict.mjs'
import { scenarios } from './soak/scenarios.mjs'
import { checksOf, Parts } from './soak/verdict.mjs'
import { watch } from './soak/watch.mjs'

const child = join(dirname(fileURLToPath(import.meta.url)), 'soak', 'child.mjs')
const GB = 1e9
const MB = 1e6
const rows = 20
const marketMinutes = 60

const countSql = `SELECT (SELECT count(*) FROM bars)::DOUBLE AS bars, (SELECT coalesce(sum(trades), 0) FROM bars)::DOUBLE AS good,
  (SELECT count(*) FROM dead_letters)::DOUBLE AS bad`

const inMb = (bytes) => (bytes / MB).toFixed(0).padStart(6)

const tellRow = (partGb) => ({ part, least, sum, count, most, heapBytes, outsideBytes }) => {
  const name = typeof part === 'number' ? `${(part * partGb).toFixed(2)}–${((part + 1) * partGb).toFixed(2)}` : part
  console.log(`  ${name.padEnd(14)} ${inMb(least)}  ${inMb(sum / count)}  ${inMb(most)} | ${inMb(heapBytes)}  ${inMb(outsideBytes)}`)
}

const runChild = async (name, gb, db) => {
  console.log('  GB read         least    mean    most | V8 heap  outside it   (MB resident)')
  const parts = new Parts((gb / rows) * GB, tellRow(gb / rows))
  const run = await watch([child, name, String(gb), db], (sample) => parts.add(sample))
  parts.end()
  return run
}

const tellSpeed = ({ seconds, told: { jsonBytes, cpuSeconds } }, db) => {
  const rate = (by) => `${(jsonBytes / MB / by).toFixed(0)} MB/s`
  console.log(`  ${(jsonBytes / GB).toFixed(2)} GB in ${seconds.toFixed(0)} s, ${rate(seconds)}; ${cpuSeconds.toFixed(0)} s of CPU, ${rate(cpuSeconds)}; the file has ${(statSync(db).size / MB).toFixed(0)} MB`)
}

const runScenario = async (name, gb, folder) => {
  const scenario = scenarios[name]
  console.log(`${name}: ${gb} GB, ${scenario.says}`)
  const db = join(folder, 'soak.duckdb')
  const run = await runChild(name, gb, db)
  if (run.code === 0) tellSpeed(run, db)
  return { run, check: (found) => checksOf(scenario, run, found) }
}

const runLive = async (minutes, folder) => {
  console.log(`market: ${minutes} minutes of a live market, sixty times as fast`)
  const run = await runMarket(minutes, folder)
  return { run, check: (found) => marketChecks(run, found) }
}

/** Runs something in a folder of its own, and tells whether its limits held. */
const soak = async (start) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'))
  try {
    const { run, check } = await start(folder)
    if (run.code !== 0) {
      console.log(`  BROKEN the process ended with ${run.signal ?? run.code}`)
      return false
    }
    const [found] = await queryDuckdb(join(folder, 'soak.duckdb'), countSql)
    const checks = check(found)
    for (const { ok, text } of checks) console.log(`  ${ok ? 'ok    ' : 'BROKEN'} ${text}`)
    return checks.every(({ ok }) => ok)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const names = [...Object.keys(scenarios), 'market']

const usage = () => {
  console.log(`usage: node tools/soak.mjs [${names.join('|')}…] [--gb N] [--minutes N]`)
  return 2
}

const parse = () => {
  try {
    return parseArgs({ allowPositionals: true, options: { gb: { type: 'string' }, minutes: { type: 'string' } } })
  } catch {
    return undefined
  }
}

const main = async () => {
  const args = parse()
  if (args === undefined) return usage()
  const { positionals, values } = args
  if (positionals.some((name) => !names.includes(name)) || Object.values(values).some((value) => !(Number(value) > 0))) return usage()
  let ok = true
  for (const name of positionals.length > 0 ? positionals : names) {
    const start = name === 'market' ? (folder) => runLive(Number(values.minutes ?? marketMinutes), folder) : (folder) => runScenario(name, Number(values.gb ?? scenarios[name].gb), folder)
    ok = (await soak(start)) && ok
  }
  return ok ? 0 : 1
}

process.exitCode = await main()

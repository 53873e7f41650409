// Reads gigabytes that are generated while they are read, through the example's pipeline into a real DuckDB file, and watches
// from outside what is resident of the process.
// Usage: node tools/soak.mjs [NAME…] [--gb N]   (default: all scenarios of tools/soak/scenarios.mjs, at their full size)
// Exit 0: all limits held and every trade and dead letter is there. 1: not. 2: usage.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { scenarios } from './soak/scenarios.mjs'
import { growthOf, peakOf, rowsOf } from './soak/verdict.mjs'
import { watch } from './soak/watch.mjs'

const child = join(dirname(fileURLToPath(import.meta.url)), 'soak', 'child.mjs')
const GB = 1e9
const MB = 1e6

const inMb = (bytes) => (bytes / MB).toFixed(0).padStart(6)

const countSql = `SELECT (SELECT count(*) FROM bars)::DOUBLE AS bars, (SELECT coalesce(sum(trades), 0) FROM bars)::DOUBLE AS good,
  (SELECT count(*) FROM dead_letters)::DOUBLE AS bad`

const printRows = (samples, gb) => {
  const part = Math.max(gb / 20, 0.1)
  console.log('  GB read       RSS least    mean    most | V8 heap  outside it   (MB)')
  for (const { part: at, least, sum, count, most, heapBytes, outsideBytes } of rowsOf(samples, part * GB)) {
    const name = typeof at === 'number' ? `${(at * part).toFixed(1)}–${((at + 1) * part).toFixed(1)}` : at
    console.log(`  ${name.padEnd(12)} ${inMb(least)}  ${inMb(sum / count)}  ${inMb(most)} | ${inMb(heapBytes)}  ${inMb(outsideBytes)}`)
  }
}

/** The limits, and whether what should be in the file is there. */
const checksOf = (scenario, { samples, told }, found) => {
  const { expected = {}, unaccounted, peakBytes = Infinity } = told
  const peak = Math.max(peakOf(samples), peakBytes)
  const growth = growthOf(samples, told.jsonBytes)
  const checks = []
  const limit = (what, bytes, most) => checks.push({ ok: most === undefined || bytes <= most, text: `${what} ${(bytes / MB).toFixed(0)} MB${most === undefined ? '' : ` (limit ${most / MB})`}` })
  limit('peak', peak, scenario.peakBytes)
  limit('growth', growth, scenario.growthBytes)
  for (const [name, count] of Object.entries(expected)) {
    checks.push({ ok: found[name] === count, text: `${name} ${found[name].toLocaleString('en-US')}${found[name] === count ? '' : `, expected ${count.toLocaleString('en-US')}`}` })
  }
  checks.push({ ok: unaccounted === 0, text: `unaccounted ${unaccounted}` })
  return checks
}

const soak = async (name, gb) => {
  const scenario = scenarios[name]
  console.log(`${name}: ${gb} GB, ${scenario.says}`)
  const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'))
  const db = join(folder, 'soak.duckdb')
  try {
    const run = await watch([child, name, String(gb), db])
    printRows(run.samples, gb)
    if (run.code !== 0) throw new Error(`the child ended with ${run.code}`)
    const [found] = await queryDuckdb(db, countSql)
    const { jsonBytes, cpuSeconds } = run.told
    console.log(`  ${(jsonBytes / GB).toFixed(2)} GB in ${run.seconds.toFixed(0)} s: ${(jsonBytes / MB / run.seconds).toFixed(0)} MB/s, ${cpuSeconds.toFixed(0)} s of CPU, file ${(statSync(db).size / MB).toFixed(0)} MB`)
    const checks = checksOf(scenario, run, found)
    for (const { ok, text } of checks) console.log(`  ${ok ? 'ok    ' : 'BROKEN'} ${text}`)
    return checks.every(({ ok }) => ok)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const main = async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { gb: { type: 'string' } } })
  const names = positionals.length === 0 ? Object.keys(scenarios) : positionals
  const unknown = names.filter((name) => !(name in scenarios))
  if (unknown.length > 0 || (values.gb !== undefined && !(Number(values.gb) > 0))) {
    console.log(`usage: node tools/soak.mjs [${Object.keys(scenarios).join('|')}…] [--gb N]`)
    process.exitCode = 2
    return
  }
  let ok = true
  for (const name of names) ok = (await soak(name, Number(values.gb ?? scenarios[name].gb))) && ok
  process.exitCode = ok ? 0 : 1
}

await main()

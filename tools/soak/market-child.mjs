// An hour of a market, sixty times as fast, from an exchange in a process of its own through the example's live pipeline.
// Usage: node --expose-gc market-child.mjs MINUTES FOLDER. Tells on stdout, as lines of JSON, how far it is, how large its journal is, and how much
// memory DuckDB says that it uses.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { MARKET_SYMBOLS } from '@millrace/connector-finnhub/testing'
import { runLocal } from '@millrace/core'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { stream } from '../../examples/stocks/dist/pipeline.js'
import { ExchangeProcess } from '../crash/exchange-process.mjs'

const MINUTE_MILLIS = 60_000
const SPEED = 60
const TRADES_PER_SECOND = 400
const COLLECT_MILLIS = 1_000

const [minutes, folder] = process.argv.slice(2)
const journal = join(folder, 'journal')
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

const journalBytes = () => readdirSync(journal).filter((name) => name.endsWith('.journal')).reduce((sum, name) => sum + (statSync(join(journal, name), { throwIfNoEntry: false })?.size ?? 0), 0)

const millis = Number(minutes) * MINUTE_MILLIS
const market = { seed: 1, startMillis: Date.now() - millis, millis, tradesPerSecond: TRADES_PER_SECOND }
const exchange = new ExchangeProcess({ market, pace: { speed: SPEED }, record: 0 })
const config = { symbols: [...MARKET_SYMBOLS], db: join(folder, 'soak.duckdb'), journal, keepJournal: false, untilClosed: true, url: await exchange.start() }

/** Newest rows are in DuckDB's memory until its log has 16 MB: then it writes them out. */
let duckdbBytes = 0
const askDuckdb = async () => {
  const [row] = await queryDuckdb(config.db, 'SELECT sum(memory_usage_bytes)::DOUBLE AS bytes FROM duckdb_memory()').catch(() => [])
  duckdbBytes = row?.bytes ?? duckdbBytes
}

// Left alone, V8 takes half an hour of market until it first collects its old objects: until then garbage looks like growth.
const collecting = setInterval(() => {
  globalThis.gc()
  void askDuckdb()
}, COLLECT_MILLIS)

const started = performance.now()
const job = runLocal(stream, config)
const status = job.status$.subscribe(({ phase }) => {
  if (phase !== 'reading') return tell({ phase })
  const { heapTotal, external } = process.memoryUsage()
  tell({ phase, minute: ((performance.now() - started) * SPEED) / MINUTE_MILLIS, journalBytes: journalBytes(), duckdbBytes, heapTotal, external })
})
const { total } = await job.done
status.unsubscribe()
clearInterval(collecting)
const { counts } = await exchange.report()
await exchange.close()
const { userCPUTime, systemCPUTime } = process.resourceUsage()
tell({ phase: 'ended', minutes: ((performance.now() - started) * SPEED) / MINUTE_MILLIS, counts, total, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 })

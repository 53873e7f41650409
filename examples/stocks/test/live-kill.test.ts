// Killed and stopped again and again, a live lane ends with exactly what its journal says: computed here from the journal's dump, by nothing of the library.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@millrace/core/testing'
import type { Exchange } from '@millrace/connector-finnhub/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { barsOfLane, countOf, expectBars } from './support/live-bars.js'
import { naiveBars, type RawTrade } from './support/naive-bars.js'
import { lastJson, runCli, startCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, killed and stopped')

const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGINT', 'SIGKILL', 'SIGKILL'] as const
/** A signal comes so long after frames were sent, at most: several checkpoints may lie in between. */
const LONGEST_MILLIS = 800
const BAR_MILLIS = 5_000
const SYMBOLS = 'AAPL,NVDA,MSFT,BINANCE:BTCUSDT'

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)
const random = seededRandom(seed)

const interrupt = async (signal: NodeJS.Signals, args: readonly string[], folder: string, exchange: Exchange): Promise<void> => {
  const before = exchange.counts().messages
  const { child, ended } = startCli(args, folder)
  while (child.exitCode === null && exchange.counts().messages < before + 20) await sleep(5)
  await sleep(random() * LONGEST_MILLIS)
  child.kill(signal)
  const { code, signal: diedOf, stderr } = await ended
  assert.ok(diedOf === 'SIGKILL' || code === 130 || code === 143, `${code}: ${stderr}`)
}

/** Every frame of trades that a journal holds, as `journal` prints it. */
const tradesOf = async (folder: string): Promise<{ readonly records: number; readonly trades: readonly RawTrade[]; readonly gaps: number }> => {
  const { code, stdout, stderr } = await runCli(['journal', 'bars.duckdb.journal'], folder)
  assert.is(code, 0, stderr)
  const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly frame?: string; readonly gap?: object }) // as: its help says so
  const frames = lines.flatMap(({ frame }) => (frame === undefined ? [] : [JSON.parse(frame) as { readonly data?: readonly RawTrade[] }])) // as: the market's frames are good
  return { records: frames.length, trades: frames.flatMap(({ data }) => data ?? []), gaps: lines.filter(({ gap }) => gap !== undefined).length }
}

test('bars, counts and gaps are those of the journal', inTemporaryFolder(async (folder) => {
  const market = { seed, startMillis: Date.now() - 3_600_000, millis: 240_000, tradesPerSecond: 60, badShare: 0 }
  await withExchange({ market, pace: { speed: 20 } }, async (exchange) => {
    const args = ['live', '--symbols', SYMBOLS, '--db', 'bars.duckdb', '--url', exchange.url, '--until-closed', '--keep-journal', '--json']
    for (const signal of SIGNALS) await interrupt(signal, args, folder, exchange)
    const last = await runCli(args, folder)
    assert.is(last.code, 0, last.stderr)
    const { total } = lastJson(last).stream
    const { records, trades, gaps } = await tradesOf(folder)
    const db = join(folder, 'bars.duckdb')
    assert.equal([total.read, total.unaccounted, total.deadLetters], [records, 0, 0])
    assert.is(total.aggregated, trades.filter(({ v }) => v > 0).length)
    assert.equal([await countOf(db, 'SELECT count(*) FROM gaps'), gaps], [SIGNALS.length, SIGNALS.length])
    expectBars(await barsOfLane(db, 'stream'), naiveBars(trades, BAR_MILLIS))
    assert.ok(records > exchange.counts().messages / 2, 'hardly anything was received')
  })
}))

test.run()

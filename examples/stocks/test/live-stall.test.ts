// A process that was stopped for a while has heard nothing in that time, and that is no silence of the market: nothing is late for it.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countOf } from './support/live-bars.js'
import { lastJson, startCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, while the process is held')

/** Longer than the idle time, the bound and a window together. */
const HELD_MILLIS = 20_000

test('what came meanwhile is in its bars', inTemporaryFolder(async (folder) => {
  const market = { seed: 3, tradesPerSecond: 40, badShare: 0 }
  await withExchange({ market, historyMillis: 8_000, pace: { speed: 1 } }, async (exchange) => {
    const { child, ended } = startCli(['live', '--symbols', 'AAPL,NVDA,MSFT', '--db', 'bars.duckdb', '--url', exchange.url, '--json'], folder)
    while (exchange.counts().messages < 50) await sleep(20)
    await sleep(1_500)
    child.kill('SIGSTOP')
    await sleep(HELD_MILLIS)
    child.kill('SIGCONT')
    await sleep(2_500)
    child.kill('SIGINT')
    const { total } = lastJson(await ended).stream
    assert.equal([total.deadLetters, total.unaccounted], [0, 0])
    assert.ok(total.aggregated > 100)
    assert.is(await countOf(join(folder, 'bars.duckdb'), 'SELECT count(*) FROM dead_letters'), 0)
  })
}))

test.run()

// Real ticks over a real websocket give exactly the bars of the definition, at any pace, in any order within the bound.
import { join } from 'node:path'
import { seededRandom } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { framesOf, inTime, shuffledWithin } from './support/frames.js'
import { barsOfLane, countOf, expectBars } from './support/live-bars.js'
import { naiveBars, readTrades, type RawTrade } from './support/naive-bars.js'
import { realData } from './support/real-data.js'
import { lastJson, runCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, real ticks')
const data = realData()
const whenThere = data === undefined ? test.skip : test
if (data === undefined) process.stdout.write('# SKIP data: the folder of real trades is not here (MILLRACE_TEST_DATA names another)\n')
const { batch } = data ?? { batch: '' }

const BAR_MILLIS = 5_000
const BOUND_MILLIS = 3_000
const DAY_MILLIS = 86_400_000
const live = (url: string): readonly string[] => ['live', '--symbols', 'AIG,IBM', '--db', 'bars.duckdb', '--url', url, '--until-closed', '--json']

const expectRun = async (folder: string, trades: readonly RawTrade[], perFrame: number): Promise<void> => {
  const frames = framesOf(trades, perFrame)
  await withExchange({ frames }, async ({ url }) => {
    const ended = await runCli(live(url), folder)
    assert.is(ended.code, 0, ended.stderr)
    const { total, outcome } = lastJson(ended).stream
    assert.equal([total.read, total.aggregated, total.deadLetters, total.unaccounted, outcome], [frames.length, trades.length, 0, 0, 'finished'])
  })
  expectBars(await barsOfLane(join(folder, 'bars.duckdb'), 'stream'), naiveBars(trades, BAR_MILLIS))
}

whenThere('a day as it happened, at full speed', inTemporaryFolder((folder) => expectRun(folder, inTime(readTrades(batch)), 10)))

whenThere('a day shuffled within the bound', inTemporaryFolder((folder) => {
  const seed = Date.now() % 1_000_000
  console.log(`seed ${seed}`)
  return expectRun(folder, shuffledWithin(inTime(readTrades(batch)), BOUND_MILLIS - 1, seededRandom(seed)), 7)
}))

whenThere('slowly, while the files of another day are read into the same file', inTemporaryFolder(async (folder) => {
  const nextDay = inTime(readTrades(batch)).slice(10_000, 12_000).map((trade) => ({ ...trade, t: trade.t + DAY_MILLIS }))
  await withExchange({ frames: framesOf(nextDay, 5), pace: { framesPerSecond: 150 } }, async ({ url }) => {
    const ended = await runCli([...live(url), '--backfill', batch], folder)
    assert.is(ended.code, 0, ended.stderr)
    const { stream, batch: files } = lastJson(ended)
    assert.equal([stream.total.aggregated, stream.total.unaccounted, files.total.aggregated, files.total.unaccounted], [2_000, 0, 49_644, 0])
  })
  const db = join(folder, 'bars.duckdb')
  expectBars(await barsOfLane(db, 'stream'), naiveBars(nextDay, BAR_MILLIS))
  expectBars(await barsOfLane(db, 'batch'), naiveBars(readTrades(batch), BAR_MILLIS))
  assert.is(await countOf(db, 'SELECT count(*) FROM dead_letters'), 0)
}))

test.run()

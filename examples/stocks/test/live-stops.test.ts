// Stopped and started again in mid-stream, drained, run twice at once: the live lane in this process, over a real websocket, into DuckDB.
import type { MarketOptions } from '@millrace/connector-finnhub/testing'
import { RefusedError, type RunSummary } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { barsOfLane, countOf, expectBars, type BarRow } from './support/live-bars.js'
import { naiveBars } from './support/naive-bars.js'
import { addedUp, configIn, dump, hasSent, runStream, tradesOf, unheard } from './support/stream-run.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, stops')

const STOPS = 20
const BAR_MILLIS = 5_000
const BOUND_MILLIS = 3_000
const SYMBOLS = ['AAPL', 'NVDA', 'MSFT', 'BINANCE:BTCUSDT']
const market: MarketOptions = { seed: 8, symbols: SYMBOLS, startMillis: Date.UTC(2024, 8, 12, 13, 30), millis: 1_200_000, tradesPerSecond: 8, badShare: 0 }

const withoutComplete = ({ complete: _complete, ...bar }: BarRow): Omit<BarRow, 'complete'> => bar

const startsOf = (bars: readonly BarRow[]): readonly string[] => bars.filter(({ complete }) => !complete).map(({ symbol, start }) => `${symbol} ${start}`)

/** The bars of a run that nobody disturbs, and how many frames there are. */
const undisturbed = async (folder: string): Promise<{ readonly bars: readonly BarRow[]; readonly frames: number }> =>
  withExchange({ market }, async (exchange) => {
    const config = configIn(folder, exchange, SYMBOLS)
    await runStream(config).done
    return { bars: await barsOfLane(config.db, 'stream'), frames: exchange.counts().messages }
  })

test('stopped and started again twenty times: the undisturbed table, but that windows over the stops are not complete', inTemporaryFolder((plain) => inTemporaryFolder(async (folder) => {
  const { bars, frames } = await undisturbed(plain)
  await withExchange({ market, pace: { framesPerSecond: 1_500 } }, async (exchange) => {
    const config = configIn(folder, exchange, SYMBOLS)
    const runs: RunSummary[] = []
    for (let life = 1; life <= STOPS; life++) {
      const job = runStream(config)
      await hasSent(exchange, Math.floor((frames * life) / (STOPS + 1)))
      runs.push(await job.stop())
    }
    assert.ok(runs.every(({ run }) => run.outcome === 'stopped'))
    runs.push(await runStream(config).done)
    const { total, run } = runs.at(-1) as RunSummary // as: it was just added
    assert.is(run.outcome, 'finished')
    assert.equal([total.read, total.unaccounted, total.inFlight, total.deadLettered], [frames, 0, 0, 0])
    assert.equal(addedUp(runs), [total.read, total.made, total.expanded, total.filtered, total.aggregated, total.deadLettered])
    const found = await barsOfLane(config.db, 'stream')
    assert.equal(found.map(withoutComplete), bars.map(withoutComplete))
    const records = await dump(config)
    assert.is(await countOf(config.db, 'SELECT count(*) FROM gaps'), records.filter(({ _tag }) => _tag === 'Gap').length)
    const blind = unheard(records, BOUND_MILLIS)
    assert.is(blind.length, STOPS + 2)
    assert.equal(startsOf(found), startsOf(found.map((bar) => ({ ...bar, complete: !blind.some(([from, to]) => from < bar.end && to >= bar.start) }))))
    assert.ok(startsOf(bars).length < startsOf(found).length && startsOf(found).length < found.length / 2)
  })
})()))

test('a drain in mid-stream fires all windows, and the lane refuses to go on', inTemporaryFolder(async (folder) => {
  await withExchange({ market, pace: { framesPerSecond: 500 } }, async (exchange) => {
    const config = configIn(folder, exchange, SYMBOLS)
    const job = runStream(config)
    await hasSent(exchange, 200)
    const { total, run } = await job.drain()
    assert.equal([run.outcome, total.unaccounted, total.inFlight], ['finished', 0, 0])
    const records = await dump(config)
    assert.is(total.read, records.length)
    const bars = await barsOfLane(config.db, 'stream')
    expectBars(bars, naiveBars(records.flatMap(tradesOf), BAR_MILLIS))
    const sent = exchange.counts().attempts
    const refusal = await runStream(config).done.then(() => undefined, (error: unknown) => error)
    assert.instance(refusal, RefusedError)
    assert.match(String(refusal), /stocks-stream.*drained/)
    assert.is(exchange.counts().attempts, sent, 'it connected')
    assert.equal(await barsOfLane(config.db, 'stream'), bars)
  })
}))

test('a second run in this process, on the same file or the same journal, is refused and does no harm', inTemporaryFolder(async (folder) => {
  await withExchange({ market, pace: { framesPerSecond: 500 } }, async (exchange) => {
    const config = configIn(folder, exchange, SYMBOLS)
    const job = runStream(config)
    await hasSent(exchange, 50)
    const others = [{ ...config, journal: `${config.journal}-2` }, { ...config, db: `${config.db}-2` }]
    for (const other of others) {
      const refusal = await runStream(other).done.then(() => undefined, (error: unknown) => error)
      assert.instance(refusal, RefusedError)
      assert.match(String(refusal), new RegExp(`stocks-stream|${process.pid}`))
    }
    assert.is(exchange.connections(), 1)
    const { total } = await job.drain()
    assert.equal([total.unaccounted, total.read], [0, (await dump(config)).length])
  })
}))

test.run()

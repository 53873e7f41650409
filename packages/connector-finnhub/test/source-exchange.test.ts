import { randomFaults, startExchange } from '@millrace/connector-finnhub/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startReading } from './source-reading.js'
import { handles, nothingLeftSince } from './source-run.js'

const test = suite('against the simulated exchange')

const hex = (data: string | Uint8Array): string => Buffer.from(data).toString('hex')

for (const seed of [2, 3, 5]) {
  test(`drops, halves, drips, fragments and rubbish of seed ${seed}: everything that was sent is given, once, in order`, async () => {
    const before = handles()
    const market = { seed, millis: 20_000, tradesPerSecond: 200, symbols: ['AAPL', 'MSFT', 'TSLA'] }
    const exchange = await startExchange({ market, faults: [...randomFaults(seed, 8, 50), { kind: 'terminate', afterFrames: 20 }, { kind: 'kickBoth' }], pingEveryFrames: 50 })
    const reading = startReading({ symbols: market.symbols, url: exchange.url, untilClosed: true })
    try {
      await reading.until('the end', () => reading.state() !== 'open')
      assert.is(reading.state(), 'completed')
      assert.equal(reading.records.map(({ value }) => hex(value)), exchange.sent().map(({ data }) => hex(data)))
      assert.is(reading.gaps.length, exchange.connections() - 1)
      assert.ok(reading.gaps.length > 0, 'nothing dropped')
    } finally {
      reading.stop()
      await exchange.close()
    }
    await nothingLeftSince(before)
  })
}

test.run()

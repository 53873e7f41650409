import { once } from 'node:events'
import { type MarketTrade, startExchange } from '@millrace/connector-finnhub/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connect, numbered, readAll, until, withExchange } from './exchange-client.js'

const test = suite('exchange: pace')

const timesOf = (received: readonly string[]): readonly number[] =>
  received.flatMap((text) => {
    const frame = JSON.parse(text) as { readonly type: string, readonly data: readonly MarketTrade[] } // as: a market without bad data
    return frame.type === 'trade' ? frame.data.map(({ t }) => t) : []
  })

const padding = 'x'.repeat(1_000)
const endless = function* (): Generator<string, void> {
  for (let i = 0; ; i++) yield `{"n":${i},"padding":"${padding}"}`
}

test('at max a client that stops reading stops the sender, nothing piles up, and it goes on where it was', () =>
  withExchange({ frames: endless(), startOn: 'connect', record: 0 }, async (exchange) => {
    const { websocket, received } = connect(exchange.url)
    await until('the first frames', () => received.length > 100)
    websocket.pause()
    await until('the sender to wait', () => exchange.bufferedBytes() > 0)
    let sent = -1
    // The system's own buffers fill first: it stands still when two looks a while apart see the same.
    while (sent !== exchange.counts().messages) {
      sent = exchange.counts().messages
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.ok(exchange.bufferedBytes() > 200_000 && exchange.bufferedBytes() < 400_000, `${exchange.bufferedBytes()} bytes wait`)
    assert.ok(exchange.counts().waits > 0)
    websocket.resume()
    await until('more', () => received.length > sent + 100)
    assert.equal(received.slice(sent, sent + 3).map((text) => Number(/"n":(\d+)/.exec(text)?.[1])), [sent, sent + 1, sent + 2])
    websocket.terminate()
  }))

for (const how of ['stays', 'is made half open'] as const) {
  test(`a client that stops reading and ${how} does not hold up the next one`, () =>
    withExchange({ frames: endless(), startOn: 'connect', record: 0 }, async (exchange) => {
      const first = connect(exchange.url)
      await until('the first frames', () => first.received.length > 100)
      first.websocket.pause()
      await until('a full socket', () => exchange.bufferedBytes() > 200_000)
      if (how === 'is made half open') await exchange.drop('halfOpen')
      const second = connect(exchange.url)
      await until('frames on the second connection', () => second.received.length > 100)
      second.websocket.terminate()
      first.websocket.terminate()
    }))
}

test('a client that stops reading can be dropped in every way', async () => {
  for (const how of ['terminate', 'reset', 'halfFrame'] as const) {
    await withExchange({ frames: endless(), startOn: 'connect', record: 0 }, async (exchange) => {
      const first = connect(exchange.url)
      await until('the first frames', () => first.received.length > 100)
      first.websocket.pause()
      await until('a full socket', () => exchange.bufferedBytes() > 200_000)
      await exchange.drop(how)
      await until('no connection', () => exchange.open() === 0)
      first.websocket.terminate()
    })
  }
})

test('at max memory stays flat over a quarter of a gigabyte', () =>
  withExchange({ frames: endless(), startOn: 'connect', record: 0 }, async (exchange) => {
    const { websocket } = connect(exchange.url)
    let bytes = 0
    websocket.removeAllListeners('message')
    websocket.on('message', (data: Buffer) => { bytes += data.length })
    await until('the first 50 MB', () => bytes > 50e6)
    const before = process.memoryUsage.rss()
    await until('250 MB', () => bytes > 250e6)
    const grown = process.memoryUsage.rss() - before
    assert.ok(grown < 80e6, `grown by ${Math.round(grown / 1e6)} MB`)
    websocket.terminate()
  }))

test('frames a second: in time, in order, and not caught up with after an absence', () =>
  withExchange({ frames: numbered(100), pace: { framesPerSecond: 200 }, faults: [{ kind: 'close', code: 1001, afterFrames: 50 }] }, async (exchange) => {
    const first = await readAll(exchange.url)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const second = await readAll(exchange.url)
    assert.equal([...first.received, ...second.received], numbered(100))
    const times = exchange.sent().map(({ sentAtMillis }) => sentAtMillis)
    assert.ok((times[49] ?? 0) - (times[0] ?? 0) >= 235, 'not faster than asked')
    assert.ok((times[99] ?? 0) - (times[50] ?? 0) >= 235, 'not faster after the absence')
  }))

test('a speed plays the market by its own time', () =>
  withExchange({ market: { millis: 20_000, badShare: 0 }, pace: { speed: 50 }, filterBySymbol: false }, async (exchange) => {
    await readAll(exchange.url)
    const sent = exchange.sent()
    const [first, last] = [sent[0], sent.at(-1)]
    if (first?.frame === undefined || last?.frame === undefined) throw new Error('no frames of a market')
    const tookMillis = last.sentAtMillis - first.sentAtMillis
    assert.ok(tookMillis >= (last.frame.atMillis - first.frame.atMillis) / 50 - 5, `took ${tookMillis} ms`)
    for (const { frame, sentAtMillis } of sent) assert.ok(sentAtMillis - first.sentAtMillis >= ((frame?.atMillis ?? 0) - first.frame.atMillis) / 50 - 5)
  }))

test('in real time: the history at once, then as it happens, never ahead of now', () =>
  withExchange({ market: { badShare: 0, tradesPerSecond: 200 }, historyMillis: 15_000, filterBySymbol: false }, async (exchange) => {
    const startedMillis = Date.now()
    const { websocket, received, subscribe } = connect(exchange.url)
    await once(websocket, 'open')
    subscribe('AAPL')
    await until('the history and a bit', () => (timesOf(received).at(-1) ?? 0) > startedMillis + 300)
    const times = timesOf(received)
    assert.ok(Math.min(...times) < startedMillis - 13_000)
    assert.ok(Date.now() - startedMillis < 5_000, 'not played at its own speed')
    for (const { frame, sentAtMillis } of exchange.sent()) for (const { t } of frame?.trades ?? []) assert.ok(t <= sentAtMillis)
    websocket.terminate()
  }))

test('what falls due while nobody is connected is sent late, or lost, as is asked for', async () => {
  for (const whileAway of ['keep', 'lose'] as const) {
    await withExchange({ market: { millis: 60_000, badShare: 0 }, pace: { speed: 60 }, filterBySymbol: false, whileAway, faults: [{ kind: 'close', code: 1001, afterFrames: 20 }] }, async (exchange) => {
      await readAll(exchange.url)
      await new Promise((resolve) => setTimeout(resolve, 200))
      await readAll(exchange.url)
      const { frames, lost } = exchange.counts()
      assert.is(lost > 0, whileAway === 'lose')
      const market = await startExchange({ market: { millis: 60_000, badShare: 0 }, filterBySymbol: false })
      await readAll(market.url)
      assert.is(frames + lost, market.counts().frames)
      await market.close()
    })
  }
})

test.run()

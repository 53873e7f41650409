import { once } from 'node:events'
import { createConnection } from 'node:net'
import { MARKET_SYMBOLS, type MarketTrade, startExchange } from '@millrace/connector-finnhub/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connect, numbered, readAll, until, withExchange } from './exchange-client.js'

const test = suite('exchange: protocol')

const tradesOf = (received: readonly string[]): readonly MarketTrade[] =>
  received.filter((text) => text.startsWith('{"data":[{')).flatMap((text) => {
    try {
      const frame = JSON.parse(text) as { readonly type: string, readonly data: readonly MarketTrade[] } // as: the exchange's own frames
      return frame.type === 'trade' ? frame.data : []
    } catch {
      return []
    }
  })

test('frames are sent in order, whole and once, and then it closes with 1000', () =>
  withExchange({ frames: numbered(5_000) }, async (exchange) => {
    const { code, received } = await readAll(exchange.url)
    assert.is(code, 1000)
    assert.equal(received, numbered(5_000))
    assert.equal(exchange.sent().map(({ data }) => data), received)
    await exchange.done
  }))

test('a client that comes after the end is closed with 1000 too', () =>
  withExchange({ frames: numbered(2) }, async (exchange) => {
    await readAll(exchange.url)
    const { code, received } = await readAll(exchange.url)
    assert.is(code, 1000)
    assert.equal(received, [])
  }))

test('async frames, an empty list of frames and raw messages of each form are sent as they are', async () => {
  const frames = async function* () {
    yield 'text'
    yield Uint8Array.of(1, 2, 3)
    await Promise.resolve()
    yield { data: Buffer.from('A\xff', 'latin1'), binary: false }
    yield ''
  }
  await withExchange({ frames: frames() }, async ({ url }) => assert.equal((await readAll(url)).received, ['text', 'binary:AQID', 'A\uFFFD', '']))
  await withExchange({ frames: [] }, async ({ url }) => assert.equal((await readAll(url)).received, []))
})

test('a market gives each client its own symbols only, and counts what it gave', () =>
  withExchange({ market: { seed: 3, millis: 60_000, badShare: 0.05 } }, async (exchange) => {
    const { received } = await readAll(exchange.url, ['AAPL', 'BINANCE:BTCUSDT'])
    const sent = exchange.sent()
    const good = sent.flatMap(({ frame }) => frame?.trades ?? [])
    assert.equal([...new Set(good.map(({ s }) => s))].sort(), ['AAPL', 'BINANCE:BTCUSDT'])
    assert.is(received.length, sent.length)
    assert.is(exchange.sentTrades(), good.filter(({ v }) => v > 0).length)
    assert.ok(exchange.sentTrades() > 100)
    const counts = exchange.counts()
    assert.is(counts.trades + counts.priceUpdates, good.length)
    assert.is(counts.bad, sent.filter(({ frame }) => frame?.bad !== undefined).length)
    assert.ok(counts.bad > 5 && counts.filtered > 100)
    const wanted = sent.flatMap(({ frame }) => (frame !== undefined && frame.bad === undefined ? frame.trades : []))
    const seen = new Set(tradesOf(received).map((trade) => JSON.stringify(trade)))
    assert.ok(wanted.every((trade) => seen.has(JSON.stringify(trade))))
  }))

test('one subscription too many is answered with an error that names no symbol, and a slot can be freed', () =>
  withExchange({ frames: [], maxSymbols: 2, startOn: 'subscribe', atEnd: 'stayOpen' }, async (exchange) => {
    const { websocket, received, subscribe } = connect(exchange.url)
    await once(websocket, 'open')
    subscribe('A', 'B', 'B', 'C')
    await until('the error', () => received.length === 1)
    assert.equal(received, ['{"msg":"Subscribing to too many symbols","type":"error"}'])
    assert.equal(exchange.subscriptions(), ['A', 'B'])
    websocket.send('{"type":"unsubscribe","symbol":"A"}')
    subscribe('C')
    await until('the subscription', () => exchange.subscriptions().includes('C'))
    assert.equal(exchange.subscriptions(), ['B', 'C'])
    assert.is(received.length, 1)
  }))

test('what is no request is met with silence', () =>
  withExchange({ frames: ['x'], atEnd: 'stayOpen' }, async (exchange) => {
    const { websocket, received, subscribe } = connect(exchange.url)
    await once(websocket, 'open')
    for (const text of ['{"type":"pong"}', 'rubbish', '', 'null', '{"type":"subscribe"}', '{"type":"subscribe","symbol":7}', '[1]', '{"type":"subscribe-news","symbol":"A"}']) websocket.send(text)
    websocket.send(Buffer.from('{"type":"subscribe","symbol":"BIN"}'))
    subscribe('AAPL')
    await until('the frame', () => received.length > 0)
    assert.equal(received, ['x'])
    assert.equal(exchange.subscriptions(), ['AAPL'])
  }))

test('without a subscription nothing is sent; with startOn connect everything is', async () => {
  await withExchange({ frames: ['x'] }, async (exchange) => {
    const { websocket, received } = connect(exchange.url)
    await once(websocket, 'open')
    websocket.ping()
    await once(websocket, 'pong')
    assert.is(exchange.counts().messages, 0)
    assert.equal(received, [])
  })
  await withExchange({ frames: ['x'], startOn: 'connect' }, async ({ url }) => assert.equal((await readAll(url, [])).received, ['x']))
})

test('only the key is let in, and it stands in the query', () =>
  withExchange({ frames: ['x'], key: 'k-1' }, async ({ url }) => {
    assert.is((await readAll(url)).error, 'Unexpected server response: 401')
    assert.is((await readAll(`${url}?token=other`)).error, 'Unexpected server response: 401')
    assert.equal((await readAll(`${url}/?token=k-1`)).received, ['x'])
  }))

test('a request that is no websocket is told so', () =>
  withExchange({ frames: [] }, async ({ port }) => assert.is((await fetch(`http://127.0.0.1:${port}/`)).status, 426)))

test('each answered ping tells how many messages had arrived before it', () =>
  withExchange({ frames: numbered(100), pingEveryFrames: 10, atEnd: 'stayOpen' }, async (exchange) => {
    const client = connect(exchange.url, { autoPong: false })
    const seen: number[] = []
    client.websocket.on('ping', (payload) => {
      seen.push(client.received.length)
      client.websocket.pong(payload)
    })
    await once(client.websocket, 'open')
    client.subscribe('AAPL')
    await until('the pongs', () => exchange.pongs().length === 10)
    assert.equal(exchange.pongs(), seen)
    assert.equal(seen, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  }))

/** Frames of which those from the `at`th on come only when they are let go. */
const heldBack = (count: number, at: number): { readonly frames: AsyncIterable<string>, letGo(): void } => {
  let letGo = (): void => undefined
  const held = new Promise<void>((resolve) => { letGo = resolve })
  const frames = async function* () {
    yield* numbered(count).slice(0, at)
    await held
    yield* numbered(count).slice(at)
  }
  return { frames: frames(), letGo: () => letGo() }
}

test('two clients at once share the frames: the newest gets them, none is given twice, none is lost', async () => {
  const { frames, letGo } = heldBack(2_000, 50)
  await withExchange({ frames, startOn: 'connect' }, async (exchange) => {
    const first = connect(exchange.url)
    await until('the first frames', () => first.received.length === 50)
    const second = connect(exchange.url)
    await until('the second connection', () => exchange.open() === 2)
    letGo()
    assert.is((await second.closed).code, 1000)
    assert.equal([...first.received, ...second.received], numbered(2_000))
    assert.is((await first.closed).code, 1000)
  })
})

test('a connection that drops while the next frame is awaited takes none along', async () => {
  for (const faults of [[], [{ kind: 'fragment', afterFrames: 50 }]] as const) {
    const { frames, letGo } = heldBack(100, 50)
    await withExchange({ frames, startOn: 'connect', faults }, async (exchange) => {
      const first = connect(exchange.url)
      await until('the first frames', () => first.received.length === 50)
      await exchange.drop('terminate')
      await first.closed
      letGo()
      assert.equal((await readAll(exchange.url, [])).received, numbered(100).slice(50))
      assert.is(exchange.counts().frames, 100)
    })
  }
})

test('options that cannot be meant are refused by name, and a port that is taken is an error', async () => {
  const refused = async (options: Parameters<typeof startExchange>[0], pattern: RegExp): Promise<void> => {
    const error: unknown = await startExchange(options).then((exchange) => exchange.close(), (thrown: unknown) => thrown)
    assert.instance(error, TypeError)
    assert.match(String(error), pattern)
  }
  await refused({ frames: [], market: {} }, /frames/)
  await refused({ port: 70_000 }, /port/)
  await refused({ pace: { speed: 0 } }, /pace/)
  await refused({ pingEveryFrames: 0.5 }, /pingEveryFrames/)
  await refused({ market: { symbols: [] } }, /symbols/)
  await refused({ historyMillis: 1, market: { badKinds: ['no such kind'] } }, /no such kind/)
  await withExchange({ frames: [] }, async ({ port }) => {
    const error: unknown = await startExchange({ port }).catch((thrown: unknown) => thrown)
    assert.match(String(error), /EADDRINUSE/)
  })
})

test('frames that throw close the connection with 1011 and reject done', () =>
  withExchange({ frames: (function* () { yield 'x'; throw new Error('no more') })() }, async (exchange) => {
    const { code, received } = await readAll(exchange.url)
    assert.is(code, 1011)
    assert.equal(received, ['x'])
    const error: unknown = await exchange.done.catch((thrown: unknown) => thrown)
    assert.match(String(error), /no more/)
  }))

test('sent() refuses to give a part for the whole', () =>
  withExchange({ frames: numbered(5), record: 4 }, async (exchange) => {
    await readAll(exchange.url)
    assert.throws(() => exchange.sent(), /5 messages were sent, 4 are kept/)
    assert.is(exchange.counts().messages, 5)
  }))

test('odd requests for a connection are refused or let in, and the exchange lives on', () =>
  withExchange({ frames: ['x'], key: 'k' }, async ({ port, url }) => {
    for (const path of ['//', '/%', '/?token=%zz', '/a?b?token=k']) {
      const socket = createConnection(port, '127.0.0.1')
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
      const [answer] = await once(socket, 'data') as [Buffer] // as: what a socket gives
      assert.match(answer.toString(), /^HTTP\/1\.1 401 /, path)
      socket.destroy()
    }
    assert.equal((await readAll(`${url}?token=k`)).received, ['x'])
  }))

test('many subscriptions in a row, and taking them back, give no warning and start it once', () =>
  withExchange({ frames: ['x'] }, async (exchange) => {
    const warnings: string[] = []
    const warn = (warning: Error): void => { warnings.push(warning.message) }
    process.on('warning', warn)
    const { websocket, received, closed, subscribe } = connect(exchange.url)
    await once(websocket, 'open')
    subscribe('A')
    websocket.send('{"type":"unsubscribe","symbol":"A"}')
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(received, [])
    subscribe(...Array.from({ length: 50 }, (_, i) => `S${i}`))
    assert.is((await closed).code, 1000)
    assert.equal(received, ['x'])
    process.off('warning', warn)
    assert.equal(warnings, [])
  }))

test('a market has 20 symbols or more by default', () => assert.ok(new Set(MARKET_SYMBOLS).size >= 20))

test.run()

import { once } from 'node:events'
import { type ExchangeOptions, type Fault, randomFaults, startExchange } from '@millrace/connector-finnhub/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connect, numbered, readAll, until, withExchange } from './exchange-client.js'

const test = suite('exchange: faults')

const withFaults = (faults: readonly Fault[], use: Parameters<typeof withExchange>[1], options: ExchangeOptions = {}): Promise<void> =>
  withExchange({ frames: numbered(20), faults, ...options }, use)

const opened = async (url: string, options: Parameters<typeof connect>[1] = {}) => {
  const client = connect(url, options)
  await once(client.websocket, 'open')
  client.subscribe('AAPL')
  return client
}

for (const status of [200, 401, 403, 503]) {
  test(`the upgrade is answered with ${status}, once`, () =>
    withFaults([{ kind: 'refuse', status }], async (exchange) => {
      assert.is((await readAll(exchange.url)).error, `Unexpected server response: ${status}`)
      assert.equal((await readAll(exchange.url)).received, numbered(20))
      assert.is(exchange.counts().attempts, 2)
      assert.is(exchange.connections(), 1)
    }))
}

test('429 says when to come again, and befalls as many attempts as it is told', () =>
  withFaults([{ kind: 'refuse', status: 429, retryAfter: 7, attempt: 2, times: 2 }], async ({ url }) => {
    assert.is((await readAll(url)).code, 1000)
    for (let attempt = 2; attempt <= 3; attempt++) {
      const { websocket } = connect(url)
      const [request, response] = await once(websocket, 'unexpected-response') as [{ destroy(): void }, { statusCode: number, headers: Record<string, string> }] // as: what ws gives
      assert.is(response.statusCode, 429)
      assert.is(response.headers['retry-after'], '7')
      request.destroy()
      websocket.terminate()
    }
    assert.is((await readAll(url)).code, 1000)
  }))

test('a handshake that hangs is never answered', () =>
  withFaults([{ kind: 'hang' }], async ({ url }) => {
    const { closed } = connect(url, { handshakeTimeout: 100 })
    assert.equal(await closed, { code: 1006, error: 'Opening handshake has timed out' })
  }))

for (const code of [1000, 1001, 1011, 4000]) {
  test(`closes with ${code} after so many frames, and goes on on the next connection`, () =>
    withFaults([{ kind: 'close', code, afterFrames: 8, reason: 'why' }], async ({ url }) => {
      const first = await readAll(url)
      assert.is(first.code, code)
      assert.equal(first.received, numbered(20).slice(0, 8))
      assert.equal((await readAll(url)).received, numbered(20).slice(8))
    }))
}

test('terminate is seen as 1006, behind everything that was sent', () =>
  withFaults([{ kind: 'terminate', afterFrames: 8 }], async ({ url }) => {
    const first = await readAll(url)
    assert.is(first.code, 1006)
    assert.equal(first.received, numbered(20).slice(0, 8))
    assert.equal((await readAll(url)).received, numbered(20).slice(8))
  }))

test('reset is seen as 1006; what was sent counts as sent', () =>
  withFaults([{ kind: 'reset', afterFrames: 8 }], async (exchange) => {
    const first = await readAll(exchange.url)
    assert.is(first.code, 1006)
    assert.ok(first.received.length <= 8)
    assert.equal((await readAll(exchange.url)).received, numbered(20).slice(8))
    assert.is(exchange.counts().frames, 20)
  }))

test('half a frame never arrives, and is sent whole on the next connection', () =>
  withFaults([{ kind: 'halfFrame', afterFrames: 8 }], async (exchange) => {
    const first = await readAll(exchange.url)
    assert.is(first.code, 1006)
    assert.equal(first.received, numbered(20).slice(0, 8))
    assert.equal((await readAll(exchange.url)).received, numbered(20).slice(8))
    assert.is(exchange.sent().length, 20)
  }))

test('silence: open, nothing more, pings answered or not', async () => {
  for (const answerPings of [true, false]) {
    await withFaults([{ kind: 'silent', afterFrames: 3, answerPings }], async ({ url }) => {
      const { websocket, received } = await opened(url)
      await until('the frames', () => received.length === 3)
      let pongs = 0
      websocket.on('pong', () => { pongs += 1 })
      websocket.ping('are you there')
      // A closing handshake is answered behind the pong, or behind nothing.
      websocket.close()
      await once(websocket, 'close')
      assert.is(pongs, answerPings ? 1 : 0)
      assert.is(received.length, 3)
    })
  }
})

test('half open: neither a ping nor a close is answered, and the next connection goes on', () =>
  withFaults([{ kind: 'halfOpen', afterFrames: 3 }], async ({ url }) => {
    const { websocket, received, closed } = await opened(url)
    await until('the frames', () => received.length === 3)
    let answers = 0
    websocket.on('pong', () => { answers += 1 })
    websocket.ping()
    websocket.close()
    assert.equal((await readAll(url)).received, numbered(20).slice(3))
    assert.is(answers, 0)
    assert.is(websocket.readyState, websocket.CLOSING)
    websocket.terminate()
    assert.is((await closed).code, 1006)
  }))

test('a quiet time passes and is over', () =>
  withFaults([{ kind: 'quiet', afterFrames: 3, millis: 150 }], async (exchange) => {
    assert.equal((await readAll(exchange.url)).received, numbered(20))
    const [before, behind] = exchange.sent().slice(2, 4)
    assert.ok((behind?.sentAtMillis ?? 0) - (before?.sentAtMillis ?? 0) >= 145)
  }))

test('a frame that drips arrives whole, in as many pieces as it has bytes', () =>
  withFaults([{ kind: 'drip', afterFrames: 3, everyMillis: 1 }], async ({ url }) => {
    const client = connect(url)
    client.websocket.once('upgrade', ({ socket }) => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk.length))
    })
    const chunks: number[] = []
    await once(client.websocket, 'open')
    client.subscribe('AAPL')
    assert.is((await client.closed).code, 1000)
    assert.equal(client.received, numbered(20))
    assert.ok(chunks.filter((bytes) => bytes === 1).length > 20)
  }))

test('a client that gives up on a dripping frame has lost it: it counts as sent', () =>
  withFaults([{ kind: 'drip', afterFrames: 3, everyMillis: 5 }], async (exchange) => {
    const { websocket, received, closed } = await opened(exchange.url)
    await until('the frames', () => received.length === 3 && exchange.counts().messages === 4)
    websocket.terminate()
    await closed
    assert.equal((await readAll(exchange.url)).received, numbered(20).slice(4))
    assert.is(exchange.counts().frames, 20)
  }))

test('a fragmented message arrives whole, with pings inside it', () =>
  withFaults([{ kind: 'fragment', pieces: 4 }], async ({ url }) => {
    const client = connect(url)
    let pings = 0
    client.websocket.on('ping', () => { pings += 1 })
    client.websocket.once('open', () => client.subscribe('AAPL'))
    await client.closed
    assert.equal(client.received, numbered(20))
    assert.is(pings, 3)
  }))

test('frames are sent again after a reconnect, and count again', () =>
  withFaults([{ kind: 'close', code: 1001, afterFrames: 8 }, { kind: 'resend', connection: 2, frames: 3 }], async (exchange) => {
    await readAll(exchange.url)
    assert.equal((await readAll(exchange.url)).received, [...numbered(20).slice(5, 8), ...numbered(20).slice(8)])
    assert.is(exchange.counts().frames, 20)
    assert.is(exchange.counts().messages, 23)
    assert.is(exchange.sent().filter(({ again }) => again).length, 3)
  }))

test('each rubbish message is sent between good ones', async () => {
  const expected: readonly (readonly [Extract<Fault, { readonly what: unknown }>['what'], (text: string) => boolean])[] = [
    ['binary', (text) => text.startsWith('binary:')], ['empty', (text) => text === ''], ['huge', (text) => text.length >= 5_000_000],
    ['hugeOfBadTrades', (text) => text.length >= 5_000_000 && text.split('"p":-10.5').length === 50_001],
    ['invalidUtf8', (text) => text.includes('A\uFFFDPL')], ['truncated', (text) => text.length === 40], ['unknownType', (text) => text.includes('"quote"')],
    ['nested', (text) => text.length > 20_000], ['tradeADayAhead', (text) => Number(/"t":(\d+)/.exec(text)?.[1]) > Date.now() + 86_000_000],
    ['news', (text) => text.endsWith('"type":"news"}')], ['pr', (text) => text.endsWith('"type":"pr"}')], ['ping', (text) => text === '{"type":"ping"}'],
    ['error', (text) => text.endsWith('"type":"error"}')], ['tooManySymbols', (text) => text.includes('too many symbols')],
  ]
  const faults = expected.map(([what]): Fault => ({ kind: 'send', what, afterFrames: 1 }))
  await withFaults([...faults, { kind: 'send', message: 'of my own', afterFrames: 1 }], async ({ url }) => {
    const { received } = await readAll(url)
    assert.equal(received.slice(expected.length + 2), numbered(20).slice(1))
    assert.is(received[expected.length + 1], 'of my own')
    expected.forEach(([what, holds], i) => assert.ok(holds(received[i + 1] ?? 'missing'), what))
  })
})

test('a second connection with one key drops both, also the one that sends; with another key it does not', () =>
  withFaults([{ kind: 'kickBoth' }], async (exchange) => {
    const first = await opened(`${exchange.url}?token=a`)
    const other = await opened(`${exchange.url}?token=b`)
    const second = connect(`${exchange.url}?token=a`)
    assert.is((await first.closed).code, 1006)
    assert.is((await second.closed).code, 1006)
    assert.is(other.websocket.readyState, other.websocket.OPEN)
  }, { atEnd: 'stayOpen' }))

test('a close that is never answered, on the connection named', () =>
  withFaults([{ kind: 'ignoreClose', connection: 1 }], async (exchange) => {
    const first = await opened(exchange.url)
    await until('the frames', () => first.received.length === 20)
    first.websocket.close(1000)
    const second = await opened(exchange.url)
    second.websocket.close(1000)
    assert.is((await second.closed).code, 1000)
    assert.is(first.websocket.readyState, first.websocket.CLOSING)
    first.websocket.terminate()
    assert.is((await first.closed).code, 1006)
    await until('nothing open', () => exchange.open() === 0)
  }, { atEnd: 'stayOpen' }))

test('drop befalls what is open now, in each of its ways', async () => {
  for (const [how, code] of [[1001, 1001], [4000, 4000], ['terminate', 1006], ['reset', 1006], ['halfFrame', 1006]] as const) {
    await withExchange({ frames: numbered(5), atEnd: 'stayOpen' }, async (exchange) => {
      const { received, closed } = await opened(exchange.url)
      await until('the frames', () => received.length === 5)
      await exchange.drop(how)
      assert.is((await closed).code, code)
      assert.is(received.length, 5)
    })
  }
})

test('drop to silence: open, and nothing more comes', () =>
  withExchange({ frames: numbered(1_000), pace: { framesPerSecond: 500 } }, async (exchange) => {
    const { websocket, received } = await opened(exchange.url)
    await until('the first frames', () => received.length > 2)
    await exchange.drop('silent')
    websocket.ping()
    await once(websocket, 'pong')
    assert.is(received.length, exchange.counts().messages)
    const { length } = received
    assert.equal((await readAll(exchange.url)).received, numbered(1_000).slice(length))
    assert.is(received.length, length)
  }))

test('frames and faults together: whatever happens, the connections share the frames in order', async () => {
  const kinds = ['terminate', 'halfFrame', 'quiet', 'fragment', 'close', 'drip'] as const
  const faults = kinds.map((kind, i): Fault => ({ kind, afterFrames: 100 * i + 50, code: 1011, millis: 5, everyMillis: 1 } as Fault)) // as: each takes what it needs
  const exchange = await startExchange({ frames: numbered(1_000), faults })
  const received: string[] = []
  for (let connections = 0; received.length < 1_000 && connections < 10; connections++) received.push(...(await readAll(exchange.url)).received)
  await exchange.close()
  assert.equal(received, numbered(1_000))
  assert.is(exchange.connections(), 4)
})

test('random faults lose nothing, whatever the seed: all connections together receive what was sent', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    assert.equal(randomFaults(seed), randomFaults(seed))
    await withExchange({ frames: numbered(1_000), faults: randomFaults(seed, 10, 50) }, async (exchange) => {
      const received: string[] = []
      for (let code = 0, attempts = 0; code !== 1000 && attempts < 20; attempts++) {
        const read = await readAll(exchange.url)
        received.push(...read.received)
        code = read.code
      }
      const textOf = (data: string | Uint8Array, binary: boolean): string => (binary ? `binary:${Buffer.from(data).toString('base64')}` : Buffer.from(data).toString())
      assert.equal(received, exchange.sent().map(({ data, binary }) => textOf(data, binary)), `seed ${seed}`)
      assert.is(exchange.counts().frames, 1_000)
    })
  }
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startReading } from './source-reading.js'
import { tradeFrame, withReading } from './source-run.js'

const test = suite('frames')

test('subscribes to every symbol once, also to odd ones', () =>
  withReading(async (_reading, server) => {
    const { symbols } = await server.connection(0, 4)
    assert.equal(symbols, ['AAPL', 'IC MARKETS:1', 'BINANCE:BTCUSDT', '"é\n'])
    assert.equal(server.asked, ['/'])
  }, { source: { symbols: ['AAPL', 'IC MARKETS:1', 'AAPL', 'BINANCE:BTCUSDT', '"é\n'] } }))

const odd: readonly string[] = [
  tradeFrame(1), '{"type":"ping"}', '{"type":"news","data":[]}', '{"msg":"Invalid symbol","type":"error"}', '', 'rubbish', '{"data":[', '{"type":"new kind"}', '"error"', '{"error"', ' ', tradeFrame(2),
]

test('every text message is a record, in its order, as its bytes', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    for (const text of odd) socket.send(text)
    await reading.until('all frames', () => reading.records.length >= odd.length)
    assert.equal(reading.texts(), odd)
    assert.equal(reading.records.map(({ position }) => position[0]), odd.map((_, i) => i))
    assert.ok(reading.records.every(({ failure }) => failure === undefined))
    assert.equal(reading.batches.at(-1)?.offset.next, odd.length)
  }))

test('invalid UTF-8 stays as it is, and what follows comes on the same connection', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    const bad = Buffer.from([0x22, 0xff, 0xfe, 0xc0, 0xaf, 0x22])
    socket.send(bad, { binary: false })
    socket.send(tradeFrame(1))
    await reading.until('both', () => reading.records.length >= 2)
    assert.equal(Buffer.from(reading.records[0]?.value ?? []), bad)
    assert.is(reading.texts()[1], tradeFrame(1))
    assert.is(server.accepted.length, 1)
  }))

test('a binary message is a failure that holds its bytes', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.send(Buffer.from(tradeFrame(1)), { binary: true })
    socket.send(Buffer.alloc(0), { binary: true })
    socket.send(tradeFrame(2))
    await reading.until('all', () => reading.records.length >= 3)
    assert.equal(reading.texts(), [tradeFrame(1), '', tradeFrame(2)])
    assert.equal(reading.records.map(({ failure }) => failure?._tag), ['BinaryFrame', 'BinaryFrame', undefined])
    assert.is(reading.records[0]?.failure?.code, 'InvalidArgument')
  }))

test('a binary message that looks like an error is not told as one', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.send(Buffer.from('{"msg":"no","type":"error"}'), { binary: true })
    await reading.until('it', () => reading.records.length >= 1)
    assert.equal(reading.warnings, [])
  }))

test('a frame of 5 MB comes whole, between its neighbours', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    const large = `{"data":[${'1,'.repeat(2_500_000)}1],"type":"trade"}`
    for (const text of [tradeFrame(1), large, tradeFrame(2)]) socket.send(text)
    await reading.until('all', () => reading.records.length >= 3)
    assert.equal(reading.texts().map((text) => text.length), [tradeFrame(1).length, large.length, tradeFrame(2).length])
    assert.is(reading.texts()[1], large)
  }))

test('a message in many fragments, with a ping between them, is one record', () =>
  withReading(async (reading, server) => {
    const { socket, pongs } = await server.connection(0)
    const text = tradeFrame(1)
    for (let i = 0; i < text.length; i++) {
      socket.send(text[i] ?? '', { fin: i === text.length - 1 })
      if (i === 10) socket.ping('between')
    }
    await reading.until('it', () => reading.records.length >= 1)
    await server.until('the pong', () => pongs.length > 0)
    assert.equal(reading.texts(), [text])
  }))

test('frames that arrive together are one batch; a flood comes in batches of bounded size', () =>
  withReading(async (reading, server) => {
    const { raw, socket } = await server.connection(0)
    raw.cork()
    for (let i = 0; i < 50; i++) socket.send(tradeFrame(i))
    raw.uncork()
    await reading.until('fifty', () => reading.records.length >= 50)
    assert.ok(reading.batches.length <= 5, `${reading.batches.length} batches`)
    for (let i = 0; i < 20_000; i++) socket.send(tradeFrame(i))
    await reading.until('the flood', () => reading.records.length >= 20_050)
    const largest = Math.max(...reading.batches.map(({ records }) => ('_tag' in records ? records.buffer.length : 0)))
    assert.ok(largest < 300_000, `a batch of ${largest} bytes`)
    assert.equal(reading.texts().slice(50), Array.from({ length: 20_000 }, (_, i) => tradeFrame(i)))
    assert.equal(reading.records.map(({ position }) => position[0]), Array.from({ length: 20_050 }, (_, i) => i))
  }))

test('a large frame is given at once, not with what follows it in the same read', () =>
  withReading(async (reading, server) => {
    const { raw, socket } = await server.connection(0)
    const large = tradeFrame(1).padEnd(300_000)
    raw.cork()
    for (const text of [large, tradeFrame(2), tradeFrame(3)]) socket.send(text)
    raw.uncork()
    await reading.until('all', () => reading.records.length >= 3)
    assert.equal(reading.texts(), [large, tradeFrame(2), tradeFrame(3)])
    assert.is(reading.batches[0]?.offset.next, 1)
  }))

test('a pong goes out only after what came before the ping was handed over, within one read too', () => {
  const seen: string[] = []
  return withReading(async (reading, server) => {
    const { raw, socket, pongs } = await server.connection(0)
    raw.cork()
    for (let round = 0; round < 3; round++) {
      socket.send(tradeFrame(round))
      socket.ping(`after ${round}`)
    }
    raw.uncork()
    await server.until('three pongs', () => pongs.length >= 3)
    assert.equal(pongs, ['after 0', 'after 1', 'after 2'])
    assert.equal(reading.texts(), [0, 1, 2].map((round) => tradeFrame(round)))
    // One read brought all: each frame was handed over by itself, before its pong.
    assert.equal(seen, ['0', '1', '2'].map((n) => `1 from ${n}`))
  }, { onBatch: ({ records, offset }) => void ('_tag' in records && seen.push(`${records.count} from ${offset.next - records.count}`)) })
})

test('a server that pings without end and reads no pong fills no memory: the connection is given up', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    first.raw.pause()
    const payload = 'p'.repeat(125)
    while (reading.warnings.length === 0) {
      for (let i = 0; i < 5_000; i++) first.socket.ping(payload)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.match(reading.warnings[0] ?? '', /asks for pongs and does not read them/)
    first.raw.destroy()
    await server.connection(1)
  }))

test('a ping whose frames end the read gets no pong', () =>
  withReading(async (reading, server) => {
    const { raw, socket, pongs } = await server.connection(0)
    raw.cork()
    socket.send(tradeFrame(1))
    socket.ping('x')
    raw.uncork()
    await server.until('its end', () => server.openSockets() === 0)
    assert.equal(pongs, [])
    assert.is(reading.records.length, 1)
  }, { onBatch: (_batch, reading) => reading.stop() }))

test('the numbers go on behind an offset', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.send(tradeFrame(1))
    await reading.until('it', () => reading.records.length >= 1)
    assert.equal(reading.records[0]?.position, [41])
    assert.is(reading.batches.at(-1)?.offset.next, 42)
  }, { after: { next: 41, receivedAtMillis: 5 } }))

test('too many symbols: the ones added last are left out, by name, until the next connection', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0, 3)
    const says = '{"msg":"Subscribing to too many symbols","type":"error"}'
    for (let i = 0; i < 4; i++) first.socket.send(says)
    await reading.until('four', () => reading.records.length >= 4)
    assert.equal(reading.texts(), [says, says, says, says], 'they are given on, too')
    assert.match(reading.warnings[0] ?? '', /too many symbols; "C", added last, is left out on this connection \(2 are left\)/)
    assert.match(reading.warnings[1] ?? '', /"B"/)
    assert.match(reading.warnings[2] ?? '', /"A"/)
    assert.is(reading.warnings[3], 'finnhub: the server says: Subscribing to too many symbols')
    first.socket.terminate()
    assert.equal((await server.connection(1, 3)).symbols, ['A', 'B', 'C'], 'tried again in full')
  }, { source: { symbols: ['A', 'B', 'C'] } }))

test('errors are told printably and shortened, wherever the type stands, and not without end', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    const frames = [
      `{"type":"error","msg":"a\\u001b[31mb\\n${'x'.repeat(500)}"}`, '{ "type": "error" , "msg": "spaced" }', '{"type":"error","msg":{"no":1}}', '{"type":"error"}',
      '{"data":"error","type":"trade"}', '{"data":[{"s":"\\"error\\""}],"type":"trade"}', '{"msg":"\\"error\\"","type":"news"}', '["error"]',
    ]
    for (const frame of frames) socket.send(frame)
    for (let i = 0; i < 200; i++) socket.send(`{"msg":"again","type":"error"}`)
    await reading.until('all', () => reading.records.length >= frames.length + 200)
    assert.match(reading.warnings[0] ?? '', /^finnhub: the server says: a\u{fffd}\[31mb\u{fffd}x{100,200}…$/u)
    assert.equal(reading.warnings.slice(1, 5), ['spaced', '(without a message)', '(without a message)', 'again'].map((text) => `finnhub: the server says: ${text}`))
    assert.is(reading.warnings.length, 100)
    assert.match(reading.warnings[99] ?? '', /more errors on this connection are not told here$/)
  }))

test('what is wrong with the options is said when it is constructed', () => {
  const bad: readonly [Parameters<typeof startReading>[0], RegExp][] = [
    [{ symbols: [] }, /symbols is empty/], [{ symbols: ['A', ''] }, /symbols\[1\] is ""/],
    [{ symbols: ['A'], url: 'http://x' }, /url is "http:\/\/x".*wss:\/\//], [{ symbols: ['A'], url: 'nonsense' }, /url is "nonsense"/],
    [{ symbols: ['A'], url: 'ws://x/#y' }, /fragment/], [{ symbols: ['A'], url: 'ws://x?token=1', key: { env: 'K' } }, /has a token, and there is a key/],
    [{ symbols: ['A'], key: { env: '' } }, /key is no reference/], [{ symbols: ['A'], silenceMillis: 0 }, /silenceMillis is 0/],
    [{ symbols: ['A'], maxFrameBytes: 0.5 }, /maxFrameBytes is 0.5/], [{ symbols: ['A'], reconnect: { initialDelayMillis: 10, maxDelayMillis: 5 } }, /reconnect.maxDelayMillis is 5/],
  ]
  for (const [options, message] of bad) assert.throws(() => startReading(options), (error: unknown) => error instanceof TypeError && message.test(error.message))
})

test.run()

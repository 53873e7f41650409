import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { manualClock } from '@millrace/core/testing'
import { tradeFrame, withReading } from './source-run.js'

const test = suite('reconnection')

const closes: readonly [code: number, reason: RegExp][] = [
  [1000, /^closed by the server \(1000: bye\)$/], [1001, /1001/], [1011, /1011/], [4000, /4000/],
]

for (const [code, reason] of closes) {
  test(`closed with ${code}, it connects again, subscribes again, and gives a gap`, () =>
    withReading(async (reading, server) => {
      const first = await server.connection(0, 2)
      first.socket.send(tradeFrame(1))
      first.socket.close(code, 'bye')
      const second = await server.connection(1, 2)
      assert.equal(second.symbols, ['A', 'B'])
      second.socket.send(tradeFrame(2))
      await reading.until('both', () => reading.records.length >= 2)
      assert.is(first.closed, code, 'the closing handshake was done')
      assert.is(reading.gaps.length, 1)
      const [gap] = reading.gaps
      assert.match(gap?.reason ?? '', reason)
      assert.is(gap?.fromMillis, reading.records[0]?.receivedAtMillis)
      assert.ok((gap?.toMillis ?? 0) >= (gap?.fromMillis ?? Infinity) && (gap?.toMillis ?? 0) <= (reading.records[1]?.receivedAtMillis ?? 0))
      assert.equal(reading.records.map(({ position }) => position[0]), [0, 1])
      assert.equal(reading.listening, [false, true, false, true])
      assert.match(reading.warnings[0] ?? '', /connecting again in \d+ ms$/)
    }, { source: { symbols: ['A', 'B'] } }))
}

test('the gap comes as a batch of its own, before the records behind it; the first connection has none', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    first.socket.send(tradeFrame(1))
    await reading.until('one', () => reading.records.length >= 1)
    assert.is(reading.gaps.length, 0)
    first.raw.resetAndDestroy()
    await server.connection(1)
    await reading.until('the gap', () => reading.gaps.length >= 1)
    const batch = reading.batches.at(-1)
    assert.equal(batch?.records, [])
    assert.equal(batch?.offset, { next: 1, receivedAtMillis: batch?.gap?.toMillis })
    assert.match(batch?.gap?.reason ?? '', /the connection (broke off \(1006\)|failed: read ECONNRESET)/)
  }))

test('a resumed read gives the time since the offset as a gap, once, however many attempts it takes', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    await reading.until('the gap', () => reading.gaps.length >= 1)
    socket.send(tradeFrame(1))
    await reading.until('a record', () => reading.records.length >= 1)
    assert.is(server.asked.length, 3)
    assert.is(reading.gaps.length, 1)
    assert.is(reading.gaps[0]?.fromMillis, 77)
    assert.is(reading.gaps[0]?.reason, 'restarted')
    assert.equal(reading.batches[0]?.offset, { next: 3, receivedAtMillis: reading.gaps[0]?.toMillis })
  }, { after: { next: 3, receivedAtMillis: 77 }, upgrade: (attempt, socket) => attempt < 2 && socket.destroy() !== undefined }))

test('a gap never ends before it begins, though the clock was set back', () =>
  withReading(async (reading, server) => {
    await server.connection(0)
    const [gap] = reading.gaps
    assert.ok(gap !== undefined && gap.fromMillis === gap.toMillis)
  }, { after: { next: 0, receivedAtMillis: Date.UTC(2200, 0) } }))

test('dropped in the middle of a frame: the half is no record, what is before it is, and later frames are', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    first.socket.send(tradeFrame(1))
    first.raw.write(Buffer.concat([Buffer.from([0x81, 126, 0, 200]), Buffer.from('{"data":[')]), () => first.raw.destroy())
    const second = await server.connection(1)
    second.socket.send(tradeFrame(2))
    await reading.until('both', () => reading.records.length >= 2)
    assert.equal(reading.texts(), [tradeFrame(1), tradeFrame(2)])
    assert.is(reading.gaps.length, 1)
  }))

test('frames and the close right behind them: all are given', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    for (let i = 0; i < 1_000; i++) first.socket.send(tradeFrame(i))
    first.socket.close(1001)
    await server.connection(1)
    assert.equal(reading.texts(), Array.from({ length: 1_000 }, (_, i) => tradeFrame(i)))
  }))

const seconds = (count: number): number => count * 1_000

test('silent for silenceMillis, it connects again; frames and pings put it off, and single bytes do not', () => {
  const clock = manualClock(seconds(1_000))
  return withReading(async (reading, server) => {
    const first = await server.connection(0)
    await clock.advance(seconds(100))
    first.socket.send(tradeFrame(1))
    await reading.until('a frame', () => reading.records.length >= 1)
    await clock.advance(seconds(100))
    first.socket.ping('alive')
    await server.until('a pong', () => first.pongs.length >= 1)
    await clock.advance(seconds(149))
    // A frame that drips: it began, and is never whole.
    first.raw.write(Buffer.from([0x81, 126, 0, 200]))
    await clock.advance(500)
    first.raw.write(Buffer.from('{'))
    assert.is(first.closed, undefined)
    await clock.advance(500)
    await reading.until('the warning', () => reading.warnings.length >= 1)
    assert.match(reading.warnings[0] ?? '', /nothing came for 150000 ms; connecting again in/)
    await server.until('the close', () => first.closed === 1006)
    await clock.advance(seconds(1))
    await server.connection(1)
    await reading.until('the gap', () => reading.gaps.length >= 1)
    // The ping was the last that was heard.
    assert.equal(reading.gaps, [{ fromMillis: seconds(1_200), toMillis: seconds(1_351), reason: 'nothing came for 150000 ms' }])
  }, { clock, random: () => 0.5, source: { reconnect: {} } })
})

test('half open: the peer is gone without a word, and the connection is given up', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    first.raw.pause()
    await server.connection(1)
    assert.match(reading.gaps[0]?.reason ?? '', /nothing came for 30 ms/)
    first.raw.destroy()
  }, { source: { silenceMillis: 30 } }))

test('waits double up to the longest, are varied by a fifth, and begin anew after a stable connection', () => {
  const clock = manualClock(0)
  const random = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 1]
  let isRefusing = true
  return withReading(async (reading, server) => {
    const waits: number[] = []
    for (let attempt = 1; attempt <= 10; attempt++) {
      await reading.until(`warning ${attempt}`, () => reading.warnings.length >= attempt)
      const wait = Number(/again in (\d+) ms/.exec(reading.warnings[attempt - 1] ?? '')?.[1])
      waits.push(wait)
      await clock.advance(wait - 1)
      assert.is(server.asked.length, attempt, 'not a moment earlier')
      if (attempt === 10) isRefusing = false
      await clock.advance(1)
      await server.until(`attempt ${attempt + 1}`, () => server.asked.length === attempt + 1)
    }
    assert.equal(waits, [...[1, 2, 4, 8, 16, 32, 60, 60].map(seconds), seconds(48), seconds(72)])
    const first = await server.connection(0)
    await clock.advance(59_999)
    first.socket.terminate()
    await reading.until('a warning', () => reading.warnings.length >= 11)
    assert.match(reading.warnings[10] ?? '', /again in 60000 ms/, 'it was not stable for a minute')
    await clock.advance(seconds(60))
    const second = await server.connection(1)
    await clock.advance(seconds(60))
    second.socket.terminate()
    await reading.until('a warning', () => reading.warnings.length >= 12)
    assert.match(reading.warnings[11] ?? '', /again in 1000 ms/)
  }, { clock, random: () => random.shift() ?? 0.5, source: { reconnect: {} }, upgrade: (_attempt, socket) => isRefusing && socket.destroy() !== undefined })
})

test('no connection is opened before the one before it is closed', () => {
  let connections = 0
  return withReading(async (_reading, server) => {
    await server.connection(30)
    assert.is(server.mostSockets(), 1)
  }, {
    source: { reconnect: { initialDelayMillis: 1, maxDelayMillis: 1 } },
    onConnection: ({ socket }) => {
      if (++connections > 30) return
      if (connections % 3 === 0) socket.terminate()
      else socket.on('message', () => socket.close(connections % 3 === 1 ? 1011 : 4000))
    },
  })
})

test('a server that closes and then does not let go of the socket is cut off', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    // A close frame (1001) by hand: the server itself knows nothing of it, and keeps the connection.
    first.raw.write(Buffer.from([0x88, 2, 0x03, 0xe9]))
    await server.connection(1)
    assert.match(reading.gaps[0]?.reason ?? '', /1001/)
  }, { source: { closeTimeoutMillis: 20 } }))

test('a frame above the limit closes the connection (1009), is a failure in its place, and the reason of the gap', () =>
  withReading(async (reading, server) => {
    const first = await server.connection(0)
    first.socket.send(tradeFrame(1))
    first.socket.send('x'.repeat(17 * 1024 * 1024))
    first.socket.send(tradeFrame(9))
    const second = await server.connection(1)
    second.socket.send(tradeFrame(2))
    await reading.until('what is behind it', () => reading.records.length >= 3)
    assert.equal(reading.texts(), [tradeFrame(1), '', tradeFrame(2)])
    assert.equal(reading.records.map(({ failure }) => failure?._tag), [undefined, 'Oversized', undefined])
    assert.match(reading.gaps[0]?.reason ?? '', /larger than maxFrameBytes \(16777216 bytes\)/)
    await server.until('the close', () => first.closed !== undefined)
  }))

const breaches: readonly [name: string, bytes: readonly number[]][] = [
  ['reserved bits', [0xf1, 0]], ['a masked frame', [0x81, 0x81, 1, 2, 3, 4, 5]], ['an unknown kind', [0x83, 0]], ['a continuation of nothing', [0x80, 0]], ['an invalid close code', [0x88, 2, 0, 1]],
]

for (const [name, bytes] of breaches) {
  test(`a breach of the protocol (${name}) is a reconnection that says so`, () =>
    withReading(async (reading, server) => {
      const first = await server.connection(0)
      first.socket.send(tradeFrame(1))
      first.raw.write(Buffer.from(bytes))
      const second = await server.connection(1)
      second.socket.send(tradeFrame(2))
      await reading.until('both', () => reading.records.length >= 2)
      assert.match(reading.gaps[0]?.reason ?? '', /^the server broke the websocket protocol: /)
    }))
}

test('how long it was silent is counted on one connection, from its opening or its last frame', () => {
  const clock = manualClock(seconds(1))
  return withReading(async (reading, server) => {
    const first = await server.connection(0)
    await clock.advance(7)
    first.raw.cork()
    first.socket.send(tradeFrame(1))
    first.socket.send(tradeFrame(2))
    first.raw.uncork()
    await reading.until('two', () => reading.records.length >= 2)
    await clock.advance(11)
    first.socket.send(tradeFrame(3))
    await reading.until('three', () => reading.records.length >= 3)
    await clock.advance(500)
    first.socket.terminate()
    await reading.until('a warning', () => reading.warnings.length >= 1)
    await clock.advance(seconds(1))
    const second = await server.connection(1)
    await reading.until('the gap', () => reading.gaps.length >= 1)
    await clock.advance(3)
    second.socket.send(tradeFrame(4))
    await reading.until('four', () => reading.records.length >= 4)
    assert.equal(reading.silentMillis, [7, 0, 11, 3])
    assert.equal(reading.records.map(({ receivedAtMillis }) => receivedAtMillis), [1_007, 1_007, 1_018, 2_521])
  }, { clock, random: () => 0.5, source: { reconnect: {} } })
})

test.run()

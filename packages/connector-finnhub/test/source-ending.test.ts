import { getEventListeners } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startReading, type Reading } from './source-reading.js'
import { handles, nothingLeftSince, tradeFrame, withReading } from './source-run.js'

const test = suite('ending')

const listenersOf = (reading: Reading): number =>
  getEventListeners(reading.controller.signal, 'abort').length + getEventListeners(reading.ending.signal, 'abort').length

test('untilClosed: a close with 1000 completes it, with all that came before', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    for (let i = 0; i < 2_000; i++) socket.send(tradeFrame(i))
    socket.close(1000)
    await reading.until('its end', () => reading.state() !== 'open')
    assert.is(reading.state(), 'completed')
    assert.equal(reading.texts(), Array.from({ length: 2_000 }, (_, i) => tradeFrame(i)))
    assert.is(listenersOf(reading), 0)
  }, { source: { untilClosed: true } }))

test('untilClosed: it ends also where the last frames leave no credit', () =>
  withReading(async (reading, server) => {
    const { socket, raw } = await server.connection(0)
    raw.cork()
    socket.send(tradeFrame(1))
    socket.close(1000)
    raw.uncork()
    await reading.until('its end', () => reading.state() !== 'open')
    assert.is(reading.state(), 'completed')
    assert.is(reading.records.length, 1)
  }, { credit: 1, source: { untilClosed: true, closeTimeoutMillis: 50 } }))

test('untilClosed: every other close is connected to again', () =>
  withReading(async (reading, server) => {
    const codes = [1001, 1011, 4000, undefined]
    for (const [index, code] of codes.entries()) {
      const { socket } = await server.connection(index)
      if (code === undefined) socket.close()
      else socket.close(code)
    }
    const broken = await server.connection(codes.length)
    broken.socket.terminate()
    await server.connection(codes.length + 1)
    assert.is(reading.state(), 'open')
    assert.match(reading.gaps[3]?.reason ?? '', /1005/)
  }, { source: { untilClosed: true } }))

test('untilClosed: after a frame too large even a close with 1000 is no normal end', () =>
  withReading(async (reading, server) => {
    const { raw } = await server.connection(0)
    raw.write(Buffer.concat([Buffer.from([0x81, 126, 0, 200]), Buffer.alloc(200, 0x78), Buffer.from([0x88, 2, 0x03, 0xe8])]))
    await server.connection(1)
    assert.is(reading.state(), 'open')
  }, { source: { untilClosed: true, maxFrameBytes: 100, closeTimeoutMillis: 20 } }))

for (const reason of ['stop', 'drain']) {
  test(`${reason}: it takes its leave, gives what comes until the server has closed, and completes`, () =>
    withReading(async (reading, server) => {
      const one = await server.connection(0)
      // Under way when the leave is taken.
      one.raw.cork()
      for (let i = 0; i < 100; i++) one.socket.send(tradeFrame(i))
      reading.ending.abort(reason)
      one.raw.uncork()
      await reading.until('its end', () => reading.state() !== 'open')
      assert.is(reading.state(), 'completed')
      assert.is(reading.records.length, 100)
      await server.until('the close', () => one.closed === 1000)
      assert.equal(reading.listening.slice(0, 3), [false, true, false])
      assert.ok(!reading.listening.slice(2).includes(true))
      assert.equal(reading.warnings, [])
      assert.is(listenersOf(reading), 0)
    }))
}

test('a server that never answers the close is left after closeTimeoutMillis', () =>
  withReading(async (reading, server) => {
    const { socket, raw } = await server.connection(0)
    socket.send(tradeFrame(1))
    await reading.until('a frame', () => reading.records.length >= 1)
    raw.pause()
    reading.ending.abort('stop')
    await reading.until('its end', () => reading.state() !== 'open')
    assert.is(reading.state(), 'completed')
    raw.resume()
  }, { source: { closeTimeoutMillis: 30 } }))

test('what the socket holds already is given, also where there is no credit for it until the server is left', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.send(tradeFrame(1))
    await reading.until('a frame', () => reading.records.length >= 1)
    for (const price of [2, 3]) await new Promise((resolve) => socket.send(tradeFrame(price), resolve))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.is(reading.records.length, 1, 'paused')
    reading.ending.abort('stop')
    await reading.until('its end', () => reading.state() === 'completed')
    assert.equal(reading.texts(), [tradeFrame(1), tradeFrame(2), tradeFrame(3)])
  }, { credit: 1, source: { closeTimeoutMillis: 30 } }))

test('left while it waits to connect again, it completes at once', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.terminate()
    await reading.until('the warning', () => reading.warnings.length >= 1)
    reading.ending.abort('drain')
    await reading.until('its end', () => reading.state() === 'completed')
    assert.is(server.asked.length, 1)
  }, { source: { reconnect: { initialDelayMillis: 60_000 } } }))

test('left while the handshake hangs, or while it has no credit, it completes at once', async () => {
  await withReading(async (reading, server) => {
    await server.until('the upgrade', () => server.asked.length === 1)
    reading.ending.abort('stop')
    await reading.until('its end', () => reading.state() === 'completed')
  }, { upgrade: () => true })
  await withReading(async (reading, server) => {
    reading.ending.abort('stop')
    await reading.until('its end', () => reading.state() === 'completed')
    assert.is(server.asked.length, 0)
  }, { credit: 0 })
})

test('left before it began, it opens nothing and completes', async () => {
  const before = handles()
  const ended = startReading({ symbols: ['A'], url: 'ws://127.0.0.1:1' }, { before: (reading) => reading.ending.abort('stop') })
  await ended.until('its end', () => ended.state() === 'completed')
  const aborted = startReading({ symbols: ['A'], url: 'ws://127.0.0.1:1' }, { before: (reading) => reading.controller.abort('why') })
  assert.is(aborted.state(), 'errored')
  assert.is(aborted.error(), 'why')
  assert.is(listenersOf(ended) + listenersOf(aborted), 0)
  await nothingLeftSince(before)
})

test('aborted, it errors at once with the reason and gives nothing more', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.send(tradeFrame(1))
    await reading.until('a frame', () => reading.records.length >= 1)
    const why = new Error('enough')
    reading.controller.abort(why)
    assert.is(reading.state(), 'errored')
    assert.is(reading.error(), why)
    for (let i = 0; i < 100; i++) socket.send(tradeFrame(i))
    await server.until('the close', () => server.openSockets() === 0)
    assert.is(reading.records.length, 1)
    assert.is(listenersOf(reading), 0)
  }))

const moments: readonly [name: string, moment: (reading: Reading) => boolean, upgrade: boolean][] = [
  ['at once', () => true, false], ['when it is open', (reading) => reading.infos.length > 0, false], ['while it waits to connect again', (reading) => reading.warnings.length > 0, true],
]

for (const [name, moment, isRefusing] of moments) {
  test(`unsubscribed ${name}, it leaves no timer, no socket and no listener`, () =>
    withReading(async (reading, server) => {
      await reading.until('the moment', () => moment(reading))
      reading.stop()
      assert.is(listenersOf(reading), 0)
      await server.until('the close', () => server.openSockets() === 0)
      assert.is(reading.state(), 'open')
    }, { source: { reconnect: { initialDelayMillis: 60_000 } }, upgrade: (_attempt, socket) => isRefusing && socket.destroy() !== undefined }))
}

test('unsubscribed from within a batch, it gives no other, though more has arrived', () =>
  withReading(async (reading, server) => {
    const { socket, raw } = await server.connection(0)
    raw.cork()
    for (let i = 0; i < 100; i++) {
      socket.send(tradeFrame(i))
      socket.ping()
    }
    raw.uncork()
    await server.until('the close', () => server.openSockets() === 0)
    assert.is(reading.batches.length, 1)
  }, { onBatch: (_batch, reading) => reading.stop() }))

test('unsubscribed from within the batch of a gap, it subscribes to nothing', () =>
  withReading(async (reading, server) => {
    await server.until('the close', () => server.asked.length === 1 && server.openSockets() === 0)
    assert.is(reading.gaps.length, 1)
    assert.equal(server.accepted[0]?.symbols, [])
    assert.equal(reading.listening, [false])
  }, { after: { next: 1, receivedAtMillis: 1 }, onBatch: (_batch, reading) => reading.stop() }))

test('left twice, and aborted while it takes its leave', () =>
  withReading(async (reading, server) => {
    const { raw } = await server.connection(0)
    raw.pause()
    reading.ending.abort('drain')
    reading.controller.abort('now')
    assert.is(reading.state(), 'errored')
    raw.resume()
    await server.until('the close', () => server.openSockets() === 0)
  }))

test.run()

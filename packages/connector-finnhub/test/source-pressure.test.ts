import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { manualClock } from '@millrace/core/testing'
import { tradeFrame, withReading } from './source-run.js'

const test = suite('back-pressure')

test('without credit the socket is really paused: the server cannot write on, and nothing is lost', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    const frame = tradeFrame(1).padEnd(10_000)
    let sent = 0
    // More than the buffers of both kernels hold.
    while (socket.bufferedAmount < 4_000_000) {
      for (let i = 0; i < 100; i++, sent++) socket.send(frame)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const given = reading.records.length
    // The kernels' buffers are full: what is left waits at the server.
    assert.ok(socket.bufferedAmount >= 4_000_000)
    assert.ok(given < 30, `${given} frames were given with credit for one batch`)
    assert.ok(reading.batches.length <= 2, `${reading.batches.length} batches`)
    assert.equal(reading.listening, [false, true, false])
    reading.credit.grant(Infinity)
    await reading.until('everything', () => reading.records.length >= sent)
    assert.equal(reading.records.map(({ position }) => position[0]), Array.from({ length: sent }, (_, i) => i))
    assert.ok(reading.texts().every((text) => text === frame))
    assert.equal(reading.listening, [false, true, false, true])
    assert.is(server.accepted.length, 1)
  }, { credit: 1 }))

test('no connection is begun while nothing may be read', () =>
  withReading(async (reading, server) => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.is(server.openSockets(), 0)
    reading.credit.grant(1)
    await server.connection(0)
  }, { credit: 0 }))

test('while it is paused the watchdog waits, and it begins anew when it is read again', () => {
  const clock = manualClock(0)
  return withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    await clock.advance(5)
    socket.send(tradeFrame(1))
    await reading.until('a frame', () => reading.records.length >= 1)
    await clock.advance(1_000_000)
    assert.is(server.accepted[0]?.closed, undefined)
    reading.credit.grant(2)
    await clock.advance(149_999)
    assert.equal(reading.warnings, [])
    socket.send(tradeFrame(2))
    await reading.until('a frame', () => reading.records.length >= 2)
    // The pause is no silence.
    assert.equal(reading.silentMillis, [5, 149_999])
    await clock.advance(150_000)
    await reading.until('the warning', () => reading.warnings.length >= 1)
    assert.match(reading.warnings[0] ?? '', /nothing came for 150000 ms/)
  }, { clock, credit: 1 })
})

test('a close that comes while it is paused is seen afterwards, with all before it', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.send(tradeFrame(0))
    await reading.until('a frame', () => reading.records.length >= 1)
    for (let i = 1; i < 1_000; i++) socket.send(tradeFrame(i))
    socket.close(1011)
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(reading.records.length < 1_000)
    reading.credit.grant(Infinity)
    await server.connection(1)
    assert.is(reading.records.length, 1_000)
    assert.match(reading.gaps[0]?.reason ?? '', /1011/)
  }, { credit: 1 }))

test('credit that goes and comes while it is not connected does not count as listening', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.terminate()
    await reading.until('the warning', () => reading.warnings.length >= 1)
    reading.credit.grant(-1)
    reading.credit.grant(5)
    assert.equal(reading.listening, [false, true, false])
    await server.connection(1)
    assert.equal(reading.listening, [false, true, false, true])
  }, { credit: 1, source: { reconnect: { initialDelayMillis: 30 } } }))

test('nor while a handshake is under way', () =>
  withReading(async (reading, server) => {
    const { socket } = await server.connection(0)
    socket.terminate()
    await server.until('the second handshake', () => server.asked.length === 2)
    reading.credit.grant(-1)
    reading.credit.grant(5)
    assert.equal(reading.listening, [false, true, false])
  }, { credit: 1, upgrade: (attempt) => attempt === 1 }))

test.run()

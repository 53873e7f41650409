import type { Socket } from 'node:net'
import { ConnectorError } from '@millrace/core'
import { manualClock } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startReading } from './source-reading.js'
import { answer } from './source-server.js'
import { handles, nothingLeftSince, tradeFrame, withReading } from './source-run.js'

const test = suite('upgrade')

process.env['FINNHUB_TEST_KEY'] = 'k3y&+ ü'
const key = { env: 'FINNHUB_TEST_KEY' }

test('the key is the token, and the query of the url stays', () =>
  withReading(async (_reading, server) => {
    await server.connection(0)
    assert.equal(server.asked, [`/feed?a=b%20c&flag&token=${encodeURIComponent('k3y&+ ü')}`])
  }, { source: { key }, upgrade: () => false, path: '/feed?a=b%20c&flag' }))

test('without a key nothing is added', () =>
  withReading(async (_reading, server) => {
    await server.connection(0)
    assert.equal(server.asked, ['/?token=of-its-own'])
  }, { path: '/?token=of-its-own' }))

const refusals = [[401, 'Unauthenticated'], [403, 'PermissionDenied']] as const

for (const [status, code] of refusals) {
  test(`${status} ends the read: not to be tried again, naming the variable`, () =>
    withReading(async (reading, server) => {
      await reading.until('the error', () => reading.state() === 'errored')
      const error = reading.error()
      assert.ok(error instanceof ConnectorError)
      assert.is(error.code, code)
      assert.is(error.retryable, false)
      assert.is(error.message, `${server.url} refused the connection (HTTP ${status}): check the key in the environment variable FINNHUB_TEST_KEY, and start again`)
      assert.is(server.asked.length, 1)
      assert.equal(reading.batches, [])
    }, { source: { key }, upgrade: (_attempt, socket) => answer(socket, status) }))
}

test('401 without a key says how to give one', () =>
  withReading(async (reading) => {
    await reading.until('the error', () => reading.state() === 'errored')
    assert.match(String(reading.error()), /no key was given.*secretRef\('FINNHUB_API_KEY'\)/)
  }, { upgrade: (_attempt, socket) => answer(socket, 401) }))

test('a variable that is not set is an error that names it', async () => {
  const before = handles()
  const reading = startReading({ symbols: ['A'], url: 'ws://127.0.0.1:1', key: { env: 'FINNHUB_KEY_NOT_SET' } })
  await reading.until('the error', () => reading.state() === 'errored')
  assert.match(String(reading.error()), /FINNHUB_KEY_NOT_SET is not set/)
  await nothingLeftSince(before)
})

/** Headers that never end. */
const drip = (socket: Socket): void => {
  socket.write('HTTP/1.1 101 Switching\r\nX-Slow: ')
  const timer = setInterval(() => socket.write('x'), 5)
  socket.on('close', () => clearInterval(timer))
}

for (const status of [200, 204, 301, 404, 429, 500, 502, 503]) {
  test(`${status} instead of a websocket: it tries again`, () =>
    withReading(async (reading, server) => {
      const { socket } = await server.connection(0)
      socket.send(tradeFrame(1))
      await reading.until('a frame', () => reading.records.length >= 1)
      assert.is(server.asked.length, 3)
      assert.equal(reading.gaps, [], 'nothing was heard before')
      assert.match(reading.warnings[0] ?? '', new RegExp(`the server answered HTTP ${status} instead of opening a websocket; connecting again in`))
    }, { upgrade: (attempt, socket) => attempt < 2 && answer(socket, status, { Location: 'ws://127.0.0.1:1/' }, status === 204 ? '' : 'no') }))
}

const waits: readonly [retryAfter: string, millis: number][] = [
  ['7', 7_000], [new Date(1_700_000_000_000 + 9_000).toUTCString(), 9_000], ['0', 1_000], ['soon', 1_000], ['-5', 1_000], [new Date(0).toUTCString(), 1_000], ['99999999999', 3_600_000],
]

for (const [retryAfter, millis] of waits) {
  test(`429 with Retry-After: ${retryAfter} waits ${millis} ms`, () => {
    const clock = manualClock(1_700_000_000_000)
    return withReading(async (reading, server) => {
      await reading.until('the warning', () => reading.warnings.length >= 1)
      assert.match(reading.warnings[0] ?? '', new RegExp(`HTTP 429.* again in ${millis} ms$`))
      await clock.advance(millis - 1)
      assert.is(server.asked.length, 1)
      await clock.advance(1)
      await server.connection(0)
    }, { clock, random: () => 0.5, source: { reconnect: {} }, upgrade: (attempt, socket) => attempt < 1 && answer(socket, 429, { 'Retry-After': retryAfter }) })
  })
}

test('an upgrade that is never answered, or byte by byte without end, is given up', () =>
  withReading(async (reading, server) => {
    await server.connection(0)
    assert.is(reading.warnings.length, 2)
    for (const warning of reading.warnings) assert.match(warning, /the opening handshake was not done within 40 ms/)
  }, {
    source: { handshakeTimeoutMillis: 40 },
    upgrade: (attempt, socket) => {
      if (attempt === 1) drip(socket)
      return attempt < 2
    },
  }))

test('an upgrade that is wrong is tried again', () =>
  withReading(async (reading, server) => {
    await server.connection(0)
    assert.match(reading.warnings[0] ?? '', /Invalid Sec-WebSocket-Accept header/)
    assert.match(reading.warnings[1] ?? '', /the connection failed: Parse Error/)
    assert.match(reading.warnings[2] ?? '', /Invalid Upgrade header|socket hang up/)
  }, {
    upgrade: (attempt, socket) => {
      if (attempt === 0) socket.write('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n')
      if (attempt === 1) socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n')
      if (attempt === 2) socket.write('HTTP/1.1 101 Switching\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n')
      return attempt < 3
    },
  }))

for (const [what, url, says] of [['a refused connection', 'ws://127.0.0.1:9', /ECONNREFUSED/], ['a name that is not known', 'ws://nowhere.invalid', /nowhere\.invalid/]] as const) {
  test(`${what} is tried again without end`, async () => {
    const before = handles()
    const reading = startReading({ symbols: ['A'], url })
    await reading.until('three warnings', () => reading.warnings.length >= 3)
    for (const warning of reading.warnings) assert.match(warning, says)
    reading.stop()
    assert.is(reading.state(), 'open')
    await nothingLeftSince(before)
  })
}

test('TLS where there is none is tried again, and says so', () =>
  withReading(async (reading) => {
    await reading.until('two warnings', () => reading.warnings.length >= 2)
    for (const warning of reading.warnings) assert.match(warning, /^finnhub: wss:.*the connection failed: /)
  }, { scheme: 'wss' }))

test.run()

import { inspect } from 'node:util'
import { RefusedError } from '@millrace/core'
import { finnhubTrades } from '@millrace/connector-finnhub'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startReading, type Reading } from './source-reading.js'
import { answer } from './source-server.js'
import { withReading, type RunOptions } from './source-run.js'

const test = suite('secrets')

const secret = 'pl4nted "s3cret"/+ü'
const marks = ['pl4nted', 's3cret']
process.env['PLANTED_KEY'] = secret
const key = { env: 'PLANTED_KEY' }

/** Everything that was said, to any depth. */
const everything = (reading: Reading): string =>
  inspect([reading.warnings, reading.infos, reading.gaps, reading.error(), reading.batches.map(({ gap, offset }) => [gap, offset])], { depth: Infinity, showHidden: true, maxStringLength: Infinity })

const saysNothing = (text: string): void => {
  for (const mark of marks) assert.not.ok(text.includes(mark), `the key is in: ${text}`)
}

const echo = encodeURIComponent(secret)
const troubles: readonly [name: string, options: RunOptions, until: (reading: Reading) => boolean][] = [
  ['a refusal that repeats it', { upgrade: (_attempt, socket, { url }) => answer(socket, 401, { 'X-Url': url ?? '' }, url) }, (reading) => reading.state() === 'errored'],
  ['an outage', { upgrade: (_attempt, socket, { url }) => answer(socket, 503, { 'X-Url': url ?? '' }, url) }, (reading) => reading.warnings.length > 1],
  ['a redirection', { upgrade: (_attempt, socket, { url }) => answer(socket, 302, { Location: `ws://x${url}` }) }, (reading) => reading.warnings.length > 1],
  ['an answer that is no HTTP', { upgrade: (_attempt, socket, { url }) => socket.write(`GET ${url}\r\n\r\n`) }, (reading) => reading.warnings.length > 1],
  ['a handshake that hangs', { source: { handshakeTimeoutMillis: 20 }, upgrade: () => true }, (reading) => reading.warnings.length > 1],
  ['a close that repeats it', { onConnection: ({ socket }) => socket.close(4000, `token ${secret} or ${echo}`) }, (reading) => reading.gaps.length > 1],
  ['an error that repeats it', { onConnection: ({ socket }) => socket.send(JSON.stringify({ type: 'error', msg: `bad ${secret} ${JSON.stringify(secret)} ${echo}` })) }, (reading) => reading.warnings.length > 0],
]

for (const [name, options, until] of troubles) {
  test(`the key is in nothing that is said: ${name}`, () =>
    withReading(async (reading) => {
      await reading.until('the trouble', () => until(reading))
      saysNothing(everything(reading))
    }, { ...options, source: { key, ...options.source } }))
}

test('nor the password and the token of the url', () =>
  withReading(async (reading, server) => {
    const text = everything(reading)
    await reading.until('it', () => reading.warnings.length > 0)
    assert.match(server.asked[0] ?? '', /token=pl4nted/)
    saysNothing(text + everything(reading))
  }, { path: '/?token=pl4nted', onConnection: ({ socket }) => socket.close(1011, 'no pl4nted here') }))

test('nor what is wrong with the options', () => {
  for (const url of ['nonsense?token=pl4nted', 'ws://u:pl4nted@x:port', 'http://u:pl4nted@x?token=s3cret', 'ws://x?token=pl4nted#y', 'ws://x?token=pl4nted']) {
    try {
      finnhubTrades({ symbols: ['A'], url, key })
      assert.unreachable()
    } catch (error) {
      assert.instance(error, TypeError)
      saysNothing(inspect(error, { depth: Infinity, showHidden: true }))
    }
  }
  // A key where its name should be.
  const wrong: { readonly env: string } = JSON.parse('"pl4nted"')
  try {
    finnhubTrades({ symbols: ['A'], key: wrong })
    assert.unreachable()
  } catch (error) {
    saysNothing(inspect(error))
  }
  saysNothing(inspect(finnhubTrades({ symbols: ['A'], url: 'ws://u:pl4nted@x', key }), { depth: Infinity, showHidden: true }))
})

test('one key, one read: a second one is refused, and neither is disturbed', () =>
  withReading(async (reading, server) => {
    await server.connection(0)
    const second = startReading({ symbols: ['B'], url: `${server.url}/other`, key })
    await second.until('the error', () => second.state() === 'errored')
    const error = second.error()
    assert.ok(error instanceof RefusedError)
    assert.is(error._tag, 'KeyInUse')
    assert.match(error.message, /PLANTED_KEY.*drops both/)
    saysNothing(inspect(error))
    assert.is(server.asked.length, 1)
    assert.is(reading.state(), 'open')
  }, { source: { key } }))

test('a key is free again at once, and the next connection waits for the end of the last', () =>
  withReading(async (reading, server) => {
    await server.connection(0)
    reading.stop()
    for (let index = 1; index <= 10; index++) {
      const next = startReading({ symbols: ['B'], url: server.url, key })
      await server.connection(index)
      next.stop()
    }
    assert.is(server.mostSockets(), 1)
  }, { source: { key } }))

test('a refused key is free again', () =>
  withReading(async (reading, server) => {
    await reading.until('the error', () => reading.state() === 'errored')
    const next = startReading({ symbols: ['B'], url: server.url, key })
    await server.connection(0)
    next.stop()
  }, { source: { key }, upgrade: (attempt, socket) => attempt === 0 && answer(socket, 401) }))

test('a read that is aborted while it waits for the last connection to close connects no more', () =>
  withReading(async (reading, server) => {
    await server.connection(0)
    reading.stop()
    const next = startReading({ symbols: ['B'], url: server.url, key })
    next.stop()
    const last = startReading({ symbols: ['C'], url: server.url, key })
    assert.equal((await server.connection(1)).symbols, ['C'])
    last.stop()
    assert.is(server.mostSockets(), 1)
  }, { source: { key } }))

test.run()

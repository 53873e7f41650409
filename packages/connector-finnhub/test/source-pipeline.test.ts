import { finnhubTrades } from '@millrace/connector-finnhub'
import { definePipeline, parseJson, runLocal, toArray, type ArraySink, type DeadLetter, type GapRow, type Job } from '@millrace/core'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quick } from './source-reading.js'
import { handles, nothingLeftSince, tradeFrame } from './source-run.js'
import { testServer, type TestServer } from './source-server.js'

const test = suite('in a pipeline')

interface Run {
  readonly job: Job
  readonly texts: ArraySink<string>
  readonly letters: ArraySink<DeadLetter>
  readonly gaps: ArraySink<GapRow>
}

const run = (url: string): Run => {
  const sinks = { texts: toArray<string>('texts'), letters: toArray<DeadLetter>('letters'), gaps: toArray<GapRow>('gaps') }
  const built = definePipeline({
    name: 'frames', module: import.meta.url, config: t.null, deadLetters: () => sinks.letters, gaps: () => sinks.gaps,
    build: (p) => p.read('finnhub', finnhubTrades({ symbols: ['AAPL'], url, untilClosed: true, reconnect: quick })).apply(parseJson)
      .map('text', (value) => JSON.stringify(value)).eventTime('time', () => 1_700_000_000_000, { boundMillis: 0 }).write('texts', sinks.texts),
  })
  return { job: runLocal(built, null), ...sinks }
}

const withServer = async (use: (server: TestServer) => Promise<void>): Promise<void> => {
  const before = handles()
  const server = await testServer()
  await use(server)
  await server.until('every socket to be closed', () => server.openSockets() === 0)
  await server.close()
  await nothingLeftSince(before)
}

test('bad messages are dead letters with what they held, their neighbours are delivered, a reconnection is a row of gaps', () =>
  withServer(async (server) => {
    const { job, texts, letters, gaps } = run(server.url)
    const first = await server.connection(0)
    const invalid = Buffer.from([0x22, 0xff, 0x22])
    first.socket.send(tradeFrame(1))
    first.socket.send(invalid, { binary: false })
    first.socket.send(Buffer.from('{"binary":1}'), { binary: true })
    first.socket.send('')
    first.socket.send('{"data":[')
    first.socket.send(tradeFrame(2))
    first.socket.close(1011, 'a bad day')
    const second = await server.connection(1)
    second.socket.send(tradeFrame(3))
    second.socket.close(1000)
    const { total } = await job.done
    assert.equal(texts.values, [1, 2, 3].map((price) => tradeFrame(price)))
    const bad = letters.values.toSorted((a, b) => (a.source_position < b.source_position ? -1 : 1))
    assert.equal(bad.map(({ error_class, source_position }) => [error_class, source_position]), [['InvalidUtf8', '[1]'], ['BinaryFrame', '[2]'], ['JsonSyntax', '[3]'], ['JsonSyntax', '[4]']])
    assert.is(bad[0]?.payload_base64, invalid.toString('base64'))
    assert.is(bad[1]?.payload_text, '{"binary":1}')
    assert.equal(gaps.values.map(({ reason }) => reason), ['closed by the server (1011: a bad day)'])
    assert.equal([total.read, total.unaccounted], [7, 0])
  }))

for (const ending of ['stop', 'drain'] as const) {
  test(`${ending} takes leave of the server, keeps what came until then, and leaves nothing open`, () =>
    withServer(async (server) => {
      const { job, texts } = run(server.url)
      const one = await server.connection(0)
      for (let i = 0; i < 100; i++) one.socket.send(tradeFrame(i))
      one.socket.ping('all sent')
      await server.until('the pong', () => one.pongs.length > 0)
      await job[ending]()
      await server.until('the close', () => one.closed !== undefined)
      assert.is(one.closed, 1000)
      assert.equal(texts.values, Array.from({ length: 100 }, (_, i) => tradeFrame(i)))
    }))
}

test('cancel cuts the connection', () =>
  withServer(async (server) => {
    const { job } = run(server.url)
    await server.connection(0)
    const done = job.done.then(() => 'ended', (error: Error) => error.name)
    await job.cancel()
    assert.is(await done, 'Cancelled')
  }))

test.run()

import { once } from 'node:events'
import { type ExchangeOptions, type Fault, startExchange } from '@millrace/connector-finnhub/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Client, connect, numbered, until } from './exchange-client.js'

const test = suite('exchange: closing')

/** What keeps a process alive, beside its own output and the reading of modules. */
const handles = (): readonly string[] => process.getActiveResourcesInfo().filter((kind) => !['PipeWrap', 'TTYWrap', 'FSReqCallback'].includes(kind))
const untilNothingIsLeft = (): Promise<void> => until('no handle to be left', () => handles().length === 0)

/** Closes an exchange in the middle of something and expects that nothing of it is left. */
const closesInTheMiddle = async (options: ExchangeOptions, reach: (client: Client, sent: () => number) => Promise<void>): Promise<void> => {
  const exchange = await startExchange(options)
  const client = connect(exchange.url)
  await reach(client, () => exchange.counts().messages)
  await Promise.all([exchange.close(), exchange.close()])
  await exchange.close()
  await exchange.done
  // A client that is half open knows of nothing until it gives up itself.
  client.websocket.terminate()
  await client.closed
  await untilNothingIsLeft()
  assert.is(await fetch(`http://127.0.0.1:${exchange.port}/`).then(() => 'open', () => 'free'), 'free')
}

const subscribed = async (client: Client): Promise<void> => {
  await once(client.websocket, 'open')
  client.subscribe('AAPL')
}

test('without a client', async () => {
  const exchange = await startExchange()
  await exchange.close()
  await exchange.done
  await untilNothingIsLeft()
})

test('while it sends at a pace, and while it waits for more', async () => {
  const slow: ExchangeOptions = { frames: numbered(1_000), pace: { framesPerSecond: 20 }, pingEveryMillis: 10 }
  await closesInTheMiddle(slow, async (client) => {
    await subscribed(client)
    await until('frames', () => client.received.length > 2)
  })
  const never = async function* (): AsyncGenerator<string, void> {
    yield 'x'
    await new Promise(() => undefined)
  }
  await closesInTheMiddle({ frames: never() }, async (client) => {
    await subscribed(client)
    await until('the frame', () => client.received.length === 1)
  })
})

test('while a client that reads nothing holds it up', () =>
  closesInTheMiddle({ frames: (function* () { for (;;) yield 'x'.repeat(10_000) })(), record: 0 }, async (client, sent) => {
    await subscribed(client)
    await until('frames', () => client.received.length > 2)
    client.websocket.pause()
    await until('a while of sending', () => sent() > 100)
  }))

const faults: readonly (readonly [Fault, number])[] = [
  [{ kind: 'silent', afterFrames: 3 }, 3], [{ kind: 'halfOpen', afterFrames: 3 }, 3], [{ kind: 'quiet', millis: 100_000, afterFrames: 3 }, 3],
  [{ kind: 'drip', everyMillis: 50, afterFrames: 3 }, 3], [{ kind: 'ignoreClose' }, 20],
]
for (const [fault, frames] of faults) {
  test(`during the fault ${fault.kind}`, () =>
    closesInTheMiddle({ frames: numbered(20), faults: [fault], atEnd: 'stayOpen' }, async (client) => {
      await subscribed(client)
      await until('frames', () => client.received.length === frames)
    }))
}

test('during a handshake that hangs', async () => {
  const exchange = await startExchange({ faults: [{ kind: 'hang' }] })
  const { closed } = connect(exchange.url)
  await until('the attempt', () => exchange.counts().attempts === 1)
  await exchange.close()
  assert.is((await closed).code, 1006)
  await untilNothingIsLeft()
})

test('a healthy client sees 1001, whatever it was sent before', async () => {
  const exchange = await startExchange({ frames: numbered(10), atEnd: 'stayOpen' })
  const client = connect(exchange.url)
  await subscribed(client)
  await until('the frames', () => client.received.length === 10)
  await exchange.close()
  assert.is((await client.closed).code, 1001)
})

test('clients that break off in any way leave nothing behind, and the exchange alive', async () => {
  const exchange = await startExchange({ frames: numbered(10), startOn: 'connect', atEnd: 'stayOpen' })
  for (let i = 0; i < 20; i++) {
    const client = connect(exchange.url)
    if (i % 2 === 0) await once(client.websocket, 'open')
    client.websocket.terminate()
    await client.closed
  }
  await until('no connection', () => exchange.open() === 0)
  await exchange.close()
})

test.run()

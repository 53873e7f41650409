import { combine, definePipeline, fixedWindows, fromArray, fromObservable, parseJson, type DeadLetter, type Guarantee, type Pipeline, type Sink, type Source, type Store, type Traits, type WatermarkPolicy } from '@millrace/core'
import { testPipeline, type PipelineTestOptions } from '@millrace/core/testing'
import * as t from 'io-ts'
import { NEVER } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, pipeline, reasonOf, table, tick, type Tick } from '../local/support.js'

const test = suite('testPipeline')

const Trade = t.type({ s: t.string, p: t.number, t: t.number }, 'Trade')
const Frame = t.type({ data: t.array(t.unknown) }, 'Frame')

const untouchable = (what: string) => (): never => {
  throw new Error(`${what} was touched`)
}

/** A source that must never be asked for anything. */
const feed = (bounded: boolean): Source<Uint8Array, string, 'local'> => ({
  name: 'feed',
  reach: 'local',
  capabilities: { bounded, replayable: false, acknowledges: true },
  offset: t.string,
  partitions: untouchable('partitions'),
  read: untouchable('read'),
  settle: untouchable('settle'),
})

const store = (id: string): Store => ({ id, open: untouchable('the store') })

/** A sink of a store that must never be opened. */
const stored = <A>(name: string): Sink<A, 'local', Traits['panes'], Guarantee> => ({ name, reach: 'local', accepts: 'single', guarantee: 'exact', store: store('warehouse'), open: untouchable(name) })

interface Options {
  readonly bounded?: boolean
  readonly policy?: Partial<WatermarkPolicy>
}

/** Frames of trades become a count and the last price for each symbol and five seconds. */
const stocks = ({ bounded = false, policy = {} }: Options = {}): Pipeline<{ readonly unit: number }, 'local'> =>
  definePipeline({
    name: 'stocks',
    module: import.meta.url,
    config: t.type({ unit: t.number }),
    deadLetters: () => stored<DeadLetter>('dead letters table'),
    gaps: () => stored('gaps table'),
    build: (p, { unit }) =>
      p.read('exchange', feed(bounded))
        .apply(parseJson)
        .decode('frame', Frame)
        .flatMap('each trade', ({ data }) => data)
        .decode('trade', Trade)
        .eventTime('time of trade', (trade) => trade.t, { boundMillis: 1_000, ...policy })
        .keyBy('symbol', ({ s }) => s)
        .window(fixedWindows({ sizeMillis: 5_000 }))
        .aggregate('bar', combine.struct({ close: combine.last((trade: t.TypeOf<typeof Trade>) => trade.p), trades: combine.count<t.TypeOf<typeof Trade>>() }))
        .map('row', ({ key, window, value }) => ({ symbol: key, start: window.startMillis, close: value.close * unit, trades: value.trades }))
        .write('bars', stored('bars table')),
  })

const start = (options: Options = {}, testing: PipelineTestOptions = {}) => testPipeline(stocks(options), { unit: 1 }, testing)

const frame = (...data: readonly unknown[]) => ({ data })
const trade = (time: number, p = 1, s = 'A') => ({ s, p, t: time })
const bar = (start_: number, close: number, trades: number, symbol = 'A') => ({ symbol, start: start_, close, trades })

test('a whole test of a pipeline, in one chain', async () => {
  await start()
    .send('exchange', [frame(trade(100, 1), trade(4_900, 2), trade(200, 7, 'B')), frame({ s: 'A', p: 'dear', t: 300 })])
    .expect('bars', [])
    .expectDeadLetters([{ stage: 'trade', error_path: '/p', payload_text: /dear/ }])
    .send('exchange', [frame(trade(6_000))])
    .expect('bars', [bar(0, 7, 1, 'B'), bar(0, 2, 2)])
    .send('exchange', [frame(trade(4_000))])
    .expectDeadLetters([{ stage: 'bar', error_class: 'Late' }])
    .expectLedgerBalanced()
    .end()
    .expect('bars', [bar(5_000, 1, 1)])
    .expectNothingElse()
    .expectLedgerBalanced()
})

test('a chain can be taken step by step, and rows be looked at', async () => {
  const run = start()
  await run.send('exchange', [frame(trade(1)), frame(trade(2, 3))])
  assert.equal(await run.rows('bars'), [])
  await run.end()
  assert.equal(await run.rows('bars'), [bar(0, 3, 2)])
  assert.equal(await run.deadLetters(), [])
  await run.expect('bars', [bar(0, 3, 2)])
})

test('text stands for its bytes, bytes for themselves, and a value for its JSON, where they are parsed', async () => {
  const json = JSON.stringify(frame(trade(1)))
  await start()
    .send('exchange', [json, Buffer.from(json), frame(trade(1)), '{"data":', Buffer.of(0xff, 0xfe)])
    .expectDeadLetters([
      { stage: 'parse json', payload_text: '{"data":' },
      { stage: 'parse json', payload_text: null, payload_base64: '//4=' },
    ])
    .end()
    .expect('bars', [bar(0, 1, 3)])
})

test('where nothing is parsed, values come as they are', async () => {
  const ticks = pipeline(letterBox(), (p) =>
    p.read('in', fromArray<Tick>([tick(99)]))
      .map('as text', (given) => `${typeof given} ${JSON.stringify(given)}`)
      .eventTime('time', () => 0, { boundMillis: 0 })
      .write('out', table('out')),
  )
  // Not what the array holds: the source is replaced.
  await testPipeline(ticks, null).send('in', [tick(1), 'text', 7]).expect('out', ['object {"t":1,"k":"a","n":1}', 'string "text"', 'number 7']).end().expectNothingElse()
})

test('a bounded source stays one: nothing is late, and nothing fires before its watermark is advanced', async () => {
  await start({ bounded: true })
    .send('exchange', [frame(trade(20_000)), frame(trade(100))])
    .expect('bars', [])
    .advanceWatermark(4_999)
    .expect('bars', [])
    .advanceWatermark(5_000)
    .expect('bars', [bar(0, 1, 1)])
    .send('exchange', [frame(trade(4_999))])
    .expectDeadLetters([{ error_class: 'Late', event_time: 4_999 }])
    .end()
    .expect('bars', [bar(20_000, 1, 1)])
    .expectLedgerBalanced()
})

test('the watermark of an unbounded source can be advanced too', async () => {
  await start()
    .send('exchange', [frame(trade(100))])
    .advanceWatermark(5_000, 'exchange')
    .expect('bars', [bar(0, 1, 1)])
    .send('exchange', [frame(trade(4_999), trade(5_001))])
    .expectDeadLetters([{ error_class: 'Late' }])
    .end()
    .expect('bars', [bar(5_000, 1, 1)])
})

test('times of today are not ahead of the clock, unless it is set', async () => {
  const today = Date.UTC(2024, 0, 2)
  await start({ policy: { maxAheadMillis: 60_000 } }).send('exchange', [frame(trade(today))]).end().expect('bars', [bar(today, 1, 1)])
  await start({ policy: { maxAheadMillis: 60_000 } }, { startMillis: today })
    .send('exchange', [frame(trade(today + 60_000)), frame(trade(today + 60_001))])
    .expectDeadLetters([{ stage: 'time of trade', event_time: null }])
    .advanceClock(1)
    .send('exchange', [frame(trade(today + 60_001))])
    .send('exchange', [frame(trade(today + 60_002))], { receivedAtMillis: today + 5 })
    .expectDeadLetters([])
    .end()
})

test('silence moves the watermark when time passes, and not before', async () => {
  await start({ policy: { idleAfterMillis: 10_000 } })
    .send('exchange', [frame(trade(4_000))])
    .advanceClock(11_999)
    .expect('bars', [])
    .advanceClock(251)
    .expect('bars', [bar(0, 1, 1)])
    .send('exchange', [frame(trade(4_999))])
    .expectDeadLetters([{ error_class: 'Late' }])
    .end()
    .expectNothingElse()
})

test('a night passes', async () => {
  await start({ policy: { idleAfterMillis: 10_000 } })
    .send('exchange', [frame(trade(4_000))])
    .advanceClock(12 * 3_600_000)
    .expect('bars', [bar(0, 1, 1)])
    .send('exchange', [frame(trade(50_000_000))])
    .end()
    .expect('bars', [bar(50_000_000, 1, 1)])
})

test('a gap is written, and the windows over it are not complete', async () => {
  const covered = definePipeline({
    name: 'covered',
    module: import.meta.url,
    config: t.null,
    deadLetters: letterBox,
    gaps: () => table('gaps'),
    build: (p) =>
      p.read('in', feed(false))
        .map('time of it', (bytes) => Number(bytes))
        .eventTime('time', (n) => n, { boundMillis: 0 })
        .keyBy('all', () => 'a')
        .window(fixedWindows({ sizeMillis: 10 }))
        .aggregate('count', combine.count<number>())
        .map('row', ({ window, complete }) => [window.startMillis, complete])
        .write('out', table('out')),
  })
  await testPipeline(covered, null)
    .send('in', [5, 15, 25])
    .gap('in', { fromMillis: 26, toMillis: 34, reason: 'closed by the server (1006)' })
    .expectGaps([{ source_name: 'in', from_time: 26, to_time: 34, reason: /1006/ }])
    .send('in', [35, 45, 55])
    .expect('out', [[0, false], [10, true], [20, false], [30, false], [40, true]])
    .end()
    .expect('out', [[50, false]])
    .expectNothingElse()
})

const priced = (price: (n: number, signal: AbortSignal) => Promise<number>) =>
  pipeline(letterBox(), (p) =>
    p.read('in', fromObservable<number>(NEVER))
      .eventTime('time', () => 0, { boundMillis: 0 })
      .mapAsync('price', price, { concurrency: 2, timeoutMillis: 500 })
      .write('out', table('out')),
  )

test('what takes real time is waited for', async () => {
  const slow = (n: number) => new Promise<number>((resolve) => setTimeout(() => resolve(n * 10), 30)) // eslint-disable-line no-restricted-globals -- because a real wait is what this is about
  await testPipeline(priced(slow), null).send('in', [1, 2]).expect('out', [10, 20]).expectLedgerBalanced().end()
})

test('a time-out comes when the clock is advanced, not before', async () => {
  await testPipeline(priced(() => new Promise(() => undefined)), null, { patienceMillis: 20 })
    .send('in', [1])
    .advanceClock(499)
    .expectDeadLetters([])
    .advanceClock(1)
    .expectDeadLetters([{ stage: 'price', error_code: 'DeadlineExceeded' }])
    .end()
    .expectNothingElse()
})

test('an end that does not come says what is under way', async () => {
  const error = await reasonOf(Promise.resolve(testPipeline(priced(() => new Promise(() => undefined)), null, { patienceMillis: 20 }).send('in', [1]).end()))
  assert.match(error.message, /pipeline 'test' does not come to its end: 1 elements are in flight .*advanceClock/)
})

test('several reads and writes, each by its name, also where they share a sink', async () => {
  const shared = table<unknown>('shared')
  const two = pipeline(letterBox(), (p) => {
    const left = p.read('left', feed(false)).eventTime('time of left', () => 0, { boundMillis: 0 })
    const right = p.read('right', feed(true)).eventTime('time of right', () => 0, { boundMillis: 0 })
    return [left.map('length', ({ length }) => length).write('lengths', shared), left.write('lefts', shared), right.write('rights', shared)]
  })
  const [a, b] = [Buffer.from('a'), Buffer.from('bb')]
  await testPipeline(two, null).send('left', [a]).send('right', [b]).expect('lefts', [a]).expect('lengths', [1]).expect('rights', [b]).expectLedgerBalanced().end().expectNothingElse()
})

test('ten thousand records at once', async () => {
  const numbers = Array.from({ length: 10_000 }, (_, n) => n)
  const straight = pipeline(letterBox(), (p) => p.read('in', fromArray<number>([])).eventTime('time', (n) => n, { boundMillis: 0 }).write('out', table('out')))
  await testPipeline(straight, null).send('in', numbers).expect('out', numbers).expectLedgerBalanced().end()
})

test('a pipeline with nothing sent ends', async () => {
  await start().end().expect('bars', []).expectNothingElse().expectLedgerBalanced()
  await start({ bounded: true }).end().expectNothingElse()
})

test.run()

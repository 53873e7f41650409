import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { combine, definePipeline, fixedWindows, fromArray, toArray, type DeadLetter, type Ledger } from '@millrace/core'
import { testPipeline, type PipelineTest, type PipelineTestOptions } from '@millrace/core/testing'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerComplaint } from '#src/testing/test-pipeline-ledger.js'
import { equal, fits, pair } from '#src/testing/test-pipeline-matching.js'
import { reasonOf, tick, type Tick } from '../local/support.js'

const test = suite('testPipeline, used wrongly and failing')

const counts = definePipeline({
  name: 'counts',
  module: import.meta.url,
  config: t.type({ sizeMillis: t.number }),
  deadLetters: () => toArray<DeadLetter>('letters'),
  build: (p, { sizeMillis }) => {
    const ticks = p.read('ticks', fromArray<Tick>([])).filter('no zero', ({ n }) => n !== 0).map('check', check).eventTime('time', (tick) => tick.t, { boundMillis: 0 })
    return [
      ticks.write('raw', toArray<Tick>('raw')),
      ticks
        .keyBy('key', ({ k }) => k)
        .window(fixedWindows({ sizeMillis }))
        .aggregate('count', combine.count<Tick>())
        .map('row', ({ key, value }) => ({ key, count: value }))
        .write('counts', toArray('counts')),
    ]
  },
})

const check = (given: Tick): Tick => {
  if (given.k === 'bad') throw new Error('this key is bad')
  return given
}

const start = (options: PipelineTestOptions = {}): PipelineTest => testPipeline(counts, { sizeMillis: 1_000 }, options)

const failure = (chain: PipelineTest) => reasonOf(Promise.resolve(chain))

test('a read, a write that is not there: the error lists those that are', async () => {
  assert.is((await failure(start().send('tick', []))).message, "testPipeline: pipeline 'counts' has no read named 'tick', only 'ticks'")
  assert.is((await failure(start().gap('tick', { fromMillis: 0, toMillis: 1, reason: '' }))).message, "testPipeline: pipeline 'counts' has no read named 'tick', only 'ticks'")
  assert.is((await failure(start().advanceWatermark(1, 'tick'))).message, "testPipeline: pipeline 'counts' has no read named 'tick', only 'ticks'")
  assert.is((await failure(start().expect('count', []))).message, "testPipeline: pipeline 'counts' has no write named 'count', only 'raw', 'counts'")
  assert.is((await reasonOf(start().rows('count'))).message, "testPipeline: pipeline 'counts' has no write named 'count', only 'raw', 'counts'")
})

test('an error points at the line of the test', async () => {
  const error = await failure(start().expect('counts', [1]))
  assert.match(error.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '', /test-pipeline-misuse\.test\.js/)
})

test('what is missing and what else came is shown, and the nearest pair compared', async () => {
  const error = await failure(start().send('ticks', [tick(1, 'a', 5)]).expect('raw', [tick(1, 'a', 4)]))
  assert.is(
    error.message,
    [
      "testPipeline: write 'raw': 1 missing, 1 not expected",
      "  missing: { k: 'a', n: 4, t: 1 }",
      "  not expected: { k: 'a', n: 5, t: 1 }",
      '  differs in n: 5, expected 4',
      '  what is in open windows comes when the watermark passes their end: advanceWatermark(…) or end()',
    ].join('\n'),
  )
})

test('a row too many, and a row twice, are not expected', async () => {
  assert.match((await failure(start().send('ticks', [tick(1), tick(1)]).expect('raw', [tick(1)]))).message, /write 'raw': 0 missing, 1 not expected/)
  assert.match((await failure(start().send('ticks', [tick(1)]).expect('raw', [tick(1), tick(1)]))).message, /write 'raw': 1 missing, 0 not expected/)
  assert.match((await failure(start().send('ticks', [tick(1)]).expect('raw', []))).message, /write 'raw': 0 missing, 1 not expected/)
})

test('rows that are missing because they are dead letters: the message says so', async () => {
  const { message } = await failure(start().send('ticks', [tick(1, 'bad')]).expect('raw', [tick(1, 'bad')]))
  assert.match(message, /there are 1 dead letters that were not expected yet\n {2}dead letter of 'check': this key is bad/)
})

test('dead letters that are not as expected are shown with the fields that differ', async () => {
  const { message } = await failure(start().send('ticks', [tick(1, 'bad')]).expectDeadLetters([{ stage: 'check', error_message: /good/ }]))
  assert.match(message, /dead letters: 1 missing, 1 not expected\n {2}missing: \{ error_message: \/good\/, stage: 'check' \}/)
  assert.match(message, /\n {2}differs in error_message: 'this key is bad', expected \/good\/$/m)
})

test('each expectation takes a dead letter of its own, whatever the order', async () => {
  await start()
    .send('ticks', [tick(1, 'bad', 1), tick(2, 'bad', 2)])
    .expectDeadLetters([{ stage: 'check' }, { payload_text: /"n":1/ }])
    .end()
  assert.match((await failure(start().send('ticks', [tick(1, 'bad')]).expectDeadLetters([{ stage: 'check' }, { stage: 'check' }]))).message, /1 missing, 0 not expected/)
})

test('expectNothingElse names every place where something else came', async () => {
  const { message } = await failure(start().send('ticks', [tick(1), tick(1, 'bad')]).end().expect('counts', [{ key: 'a', count: 1 }]).expectNothingElse())
  assert.match(message, /^testPipeline: something else has come\nwrite 'raw': 0 missing, 1 not expected\n {2}not expected: .*\ndead letters: 0 missing, 1 not expected\n/)
})

test('gaps that did not come are missing, and of a pipeline without a place for them none can be expected', async () => {
  assert.match((await failure(start().expectGaps([]))).message, /pipeline 'counts' has no place for gaps: give definePipeline the option gaps/)
  const withGaps = definePipeline({
    name: 'with gaps',
    module: import.meta.url,
    config: t.null,
    deadLetters: () => toArray<DeadLetter>('letters'),
    gaps: () => toArray('gaps'),
    build: (p) => p.read('in', fromArray<number>([])).eventTime('time', (n) => n, { boundMillis: 0 }).write('out', toArray('out')),
  })
  assert.match((await failure(testPipeline(withGaps, null).expectGaps([{ reason: 'closed' }]))).message, /gaps: 1 missing, 0 not expected/)
  await testPipeline(withGaps, null).expectGaps([]).end()
})

test('a watermark that goes back, or to the end of time, is refused', async () => {
  assert.match((await failure(start().advanceWatermark(5_000).advanceWatermark(4_999))).message, /advanceWatermark\(4999\) of read 'ticks': a watermark never goes back, and it was advanced to 5000 before/)
  assert.match((await failure(start().advanceWatermark(Infinity))).message, /advanceWatermark\(Infinity\) of read 'ticks': give Unix milliseconds; end\(\) is the end of time/)
  await start().advanceWatermark(5_000).advanceWatermark(5_000).end()
})

test('a clock that goes back is refused', async () => {
  assert.match((await failure(start().advanceClock(-1))).message, /advance\(-1\).*0 or more/)
})

test('nothing can be sent, and no end be made, after the end', async () => {
  assert.match((await failure(start().end().send('ticks', [tick(1)]))).message, /send\('ticks', …\) comes after the end of pipeline 'counts': put it before end\(\)/)
  assert.match((await failure(start().end().advanceClock(1))).message, /advanceClock\(1\) comes after the end/)
  assert.match((await failure(start().end().end())).message, /was ended before/)
})

test('after a step that failed no other is taken: all give its error', async () => {
  const run = start()
  const first = await failure(run.send('ticks', [tick(1)]).expect('raw', []))
  assert.is(await failure(run.send('ticks', [tick(2)])), first)
  assert.is(await failure(run.end()), first)
  assert.is(await reasonOf(run.rows('raw')), first)
})

test('what the run itself fails of is the error of the step', async () => {
  const functions = definePipeline({
    name: 'functions',
    module: import.meta.url,
    config: t.null,
    deadLetters: () => toArray<DeadLetter>('letters'),
    build: (p) =>
      p.read('in', fromArray<number>([]))
        .eventTime('time', (n) => n, { boundMillis: 0 })
        .keyBy('all', () => 'a')
        .window(fixedWindows({ sizeMillis: 10 }))
        .aggregate('no data', { create: () => ({ f: () => 1 }), add: (acc) => acc, merge: (acc) => acc, extract: () => 1 })
        .write('out', toArray('out')),
  })
  assert.match((await failure(testPipeline(functions, null).send('in', [1]).expect('out', []))).message, /no data.*function/s)
})

test('what becomes of the array after it was sent does not matter', async () => {
  const values = [tick(1)]
  const sent = start().send('ticks', values)
  values.push(tick(2))
  await sent.expect('raw', [tick(1)]).end()
})

test('a config and options that make no sense are refused at once', () => {
  assert.throws(() => testPipeline(counts, { sizeMillis: 'no' } as never), /config of pipeline 'counts' does not fit/) // as: wrong on purpose
  assert.throws(() => start({ startMillis: NaN }), /option startMillis must be a finite number ≥ 0, got NaN/)
  assert.throws(() => start({ patienceMillis: -1 }), /option patienceMillis must be a finite number ≥ 0, got -1/)
})

const balanced: Ledger = { read: 3, made: 2, expanded: 1, filtered: 1, deduplicated: 0, aggregated: 0, delivered: { out: 2 }, deadLettered: 1, inFlight: 0, unaccounted: 0 }
const seen = { sent: 3, written: 2, deadLetters: 1 }

test('a ledger that does not balance says where', () => {
  assert.is(ledgerComplaint(balanced, seen), undefined)
  assert.match(ledgerComplaint({ ...balanced, filtered: 0 }, seen) ?? '', /^5 were read or made, and 4 are accounted for$/)
  assert.match(ledgerComplaint({ ...balanced, unaccounted: 1 }, seen) ?? '', /^1 were lost or doubled between stages$/)
  assert.match(ledgerComplaint({ ...balanced, inFlight: 1, filtered: 0 }, seen) ?? '', /^1 are still in flight$/)
  assert.match(ledgerComplaint(balanced, { ...seen, sent: 4 }) ?? '', /^4 were sent, and 3 read$/)
  assert.match(ledgerComplaint(balanced, { ...seen, written: 1 }) ?? '', /^2 count as delivered, and 1 were written$/)
  assert.match(ledgerComplaint(balanced, { ...seen, deadLetters: 0 }) ?? '', /^1 count as dead letters, and 0 were written$/)
})

test('rows are paired whatever the order, each once', () => {
  assert.equal(pair([1, 2, 2, 3], [3, 2, 1, 2], equal), { missing: [], unexpected: [] })
  assert.equal(pair([], [undefined], equal), { missing: [undefined], unexpected: [] })
  assert.equal(pair([{ a: 1, b: 2 }], [{ b: 2, a: 1 }], equal), { missing: [], unexpected: [] })
  assert.equal(pair([NaN, '1'], [NaN, 1], equal), { missing: [1], unexpected: ['1'] })
  assert.equal(pair([{ a: 1, b: 1 }, { a: 1, b: 2 }], [{ a: 1 }, { b: 1 }], fits), { missing: [], unexpected: [] })
  assert.equal(pair([{ a: 'x' }, { a: null }], [{ a: /x/ }, { a: /x/ }], fits), { missing: [{ a: /x/ }], unexpected: [{ a: null }] })
})

test('very many rows of which one is missing are still paired', () => {
  const many = Array.from({ length: 20_000 }, () => ({ a: 1 }))
  assert.is(pair(many.slice(1), many, equal).missing.length, 1)
  const some = many.slice(0, 500)
  assert.is(pair(some.slice(1), some, fits).missing.length, 1)
})

test('every row finds its place where there is one for each', () => {
  // Each expectation fits its own row and all later ones: only one pairing is whole.
  const rows = Array.from({ length: 40 }, (_, n) => ({ n: `${'x'.repeat(n + 1)}` }))
  const wanted = rows.map((_, n) => ({ n: new RegExp(`^x{${n + 1},}$`) }))
  assert.equal(pair(rows.toReversed(), wanted, fits), { missing: [], unexpected: [] })
  assert.equal(pair(rows, wanted.toReversed(), fits), { missing: [], unexpected: [] })
  assert.is(pair(rows.slice(0, -1), wanted, fits).missing.length, 1)
})

const program = (steps: string): string => `
  import * as t from 'io-ts'
  import { definePipeline, fromArray, toArray } from '@millrace/core'
  import { testPipeline } from '@millrace/core/testing'
  const pipeline = definePipeline({ name: 'p', module: import.meta.url, config: t.null, deadLetters: () => toArray('dead letters'),
    build: (p) => p.read('in', fromArray([])).eventTime('time', (n) => n, { boundMillis: 0 }).write('out', toArray('out')) })
  ${steps}
`

const runProgram = async (steps: string) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(steps)], { cwd: new URL('../../', import.meta.url), stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null] // as: of a process
  return { code, signal, said }
}

test('a test that forgets the end does not keep the process alive', async () => {
  assert.equal(await runProgram("await testPipeline(pipeline, null).send('in', [1]).expect('out', [1])"), { code: 0, signal: null, said: '' })
})

test('a failure that nobody awaits is not lost', async () => {
  const { code, said } = await runProgram("testPipeline(pipeline, null).send('in', [1]).expect('out', [2])")
  assert.is(code, 1)
  assert.match(said, /write 'out': 1 missing, 1 not expected/)
})

test('nothing is left open by an end, or by a failure', async () => {
  const { said, code } = await runProgram(`
    const before = process.getActiveResourcesInfo().length
    await testPipeline(pipeline, null).send('in', [1]).end()
    await Promise.resolve(testPipeline(pipeline, null).send('in', [1]).expect('out', [2])).catch(() => undefined)
    if (process.getActiveResourcesInfo().length > before) console.error(process.getActiveResourcesInfo())
  `)
  assert.equal([said, code], ['', 0])
})

test.run()

import * as t from 'io-ts'
import { combine, ConnectorError, definePipeline, fixedWindows, parseJson, runLocal, type LocalOptions, type WindowFn } from '@millrace/core'
import { memorySink, memoryStore } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, pipeline, single, sourceOf, straight, table, tick, type Tick } from './support.js'

const test = suite('what runLocal refuses at once')

const thrownBy = (run: () => unknown): Error & { readonly code?: string } => {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}

const withWindow = (fn: WindowFn, panes: 'single' | 'accumulating' | 'discarding') =>
  pipeline(letterBox(), (p) =>
    p
      .read('in', sourceOf(single(tick(0))))
      .eventTime('time', (one) => one.t, { boundMillis: 0 })
      .keyBy('key', (one) => one.k)
      .window(fn, { panes })
      .aggregate('count', combine.count<Tick>())
      .write('out', table()),
  )

test('panes other than single are Unimplemented, by the name of the stage', () => {
  for (const panes of ['accumulating', 'discarding'] as const) {
    const error = thrownBy(() => runLocal(withWindow(fixedWindows({ sizeMillis: 1 }), panes), null))
    assert.instance(error, ConnectorError)
    assert.equal([error.code, error.message], ['Unimplemented', `aggregate('count'): the local runtime fires single panes only, not ${panes} ones`])
  }
})

test('windows other than fixed are Unimplemented too', () => {
  const others: readonly WindowFn[] = [{ _tag: 'sliding', sizeMillis: 2, periodMillis: 1 }, { _tag: 'sessions', gapMillis: 1 }, { _tag: 'global' }]
  for (const fn of others) {
    const error = thrownBy(() => runLocal(withWindow(fn, 'single'), null))
    assert.equal([error.code, error.message], ['Unimplemented', `aggregate('count'): the local runtime has fixed windows only, not ${fn._tag} ones`])
  }
})

test('two different sinks of one name are refused, the same sink twice is not', () => {
  const sink = table<Tick>('same')
  const writing = (left: typeof sink, right: typeof sink) =>
    pipeline(letterBox(), (p) => {
      const ticks = p.read('in', sourceOf(single(tick(0)))).eventTime('time', (one) => one.t, { boundMillis: 0 })
      return [ticks.write('left', left), ticks.write('right', right)]
    })
  const error = thrownBy(() => runLocal(writing(sink, table<Tick>('same')), null))
  assert.instance(error, TypeError)
  assert.is(error.message, "pipeline 'test': two different sinks are named 'same'; give one another name, or use one sink for both")
  void runLocal(writing(sink, sink), null)
})

test('two stores are refused: one transaction cannot span them', () => {
  const [one, two] = [memoryStore({ id: 'one' }), memoryStore({ id: 'two' })]
  const built = straight(sourceOf(single(tick(0))), one.sink({ name: 'table' }), two.sink({ name: 'dead letters' }))
  const error = thrownBy(() => runLocal(built, null))
  assert.instance(error, TypeError)
  assert.is(error.message, "pipeline 'test' writes to 2 stores (one, two): one transaction cannot span them, so put its tables into one")
})

test('options that would make a run hang or spin are refused by name', () => {
  const wrong: readonly (readonly [LocalOptions, RegExp])[] = [
    [{ concurrency: 0 }, /option concurrency must be an integer ≥ 1, got 0/],
    [{ concurrency: Number.NaN }, /concurrency .* got NaN/],
    [{ maxQueuedRecords: 0 }, /maxQueuedRecords must be an integer ≥ 1, got 0/],
    [{ maxQueuedBytes: 0 }, /maxQueuedBytes/],
    [{ epochMillis: -1 }, /epochMillis must be a finite number ≥ 0, got -1/],
    [{ epochMillis: Infinity }, /epochMillis .* got Infinity/],
    [{ paneEpochMillis: Number.NaN }, /paneEpochMillis/],
    [{ retry: { maxAttempts: 0 } }, /retry\.maxAttempts must be an integer ≥ 1, got 0/],
    [{ retry: { initialDelayMillis: Number.NaN } }, /retry\.initialDelayMillis/],
    [{ retry: { maxDelayMillis: Infinity } }, /retry\.maxDelayMillis/],
  ]
  const built = straight(sourceOf(single(tick(0))), table(), letterBox())
  for (const [options, message] of wrong) assert.throws(() => runLocal(built, null, options), message)
})

const configured = <C>(config: t.Type<C, any>) => // any: whatever the codec encodes to
  definePipeline({
    name: 'configured',
    module: import.meta.url,
    config,
    deadLetters: letterBox,
    build: (p, _config: C) => p.read('in', sourceOf<Uint8Array>([])).apply(parseJson).eventTime('time', () => 0, { boundMillis: 0 }).write('out', memorySink({ guarantee: 'idempotent' })),
  })

test('a config that does not survive its JSON form is refused, by field', () => {
  const Limits = t.type({ limits: t.type({ most: t.number }) }, 'Limits')
  const error = thrownBy(() => runLocal(configured(Limits), { limits: { most: Infinity } }))
  assert.instance(error, TypeError)
  assert.is(error.message, "runLocal: the config of pipeline 'configured' does not fit its codec Limits, at /limits/most")
})

test('a config without any JSON form is refused with what is meant', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  for (const config of [undefined, 1n, circle]) {
    const { message } = thrownBy(() => runLocal(configured(t.unknown), config))
    assert.match(message, "runLocal: the config of pipeline 'configured' has no JSON form, which its codec unknown must give it")
  }
})

test('a codec with a JSON form of its own is asked for it', () => {
  const Day = new t.Type<Date, string>('Day', (u): u is Date => u instanceof Date, (u, c) => (typeof u === 'string' ? t.success(new Date(u)) : t.failure(u, c)), (day) => day.toISOString())
  assert.not.throws(() => runLocal(configured(Day), new Date(0)))
})

test('a pipeline without a name is refused where it is defined', () => {
  assert.throws(() => pipeline(letterBox(), () => [], ''), /definePipeline: a pipeline needs a name, the identity of its checkpoints/)
})

for (const [field, remedy] of [['deadLetters', /no deadLetters: give \(config\) => a sink/], ['build', /no build: give \(p, config\)/], ['config', /no config: give the io-ts codec/]] as const) {
  test(`a pipeline without ${field}, as JavaScript lets it be, is refused where it is defined`, () => {
    const whole = { name: 'bare', module: import.meta.url, config: t.type({}), deadLetters: () => letterBox(), build: () => [] }
    assert.not.throws(() => definePipeline(whole))
    for (const missing of [undefined, null, {}]) {
      const definition: any = { ...whole, [field]: missing } // any: it must not compile, and is about what does not
      assert.throws(() => definePipeline(definition), (error: unknown) => error instanceof TypeError && error.message.startsWith("pipeline 'bare' has") && remedy.test(error.message))
    }
  })
}

test.run()

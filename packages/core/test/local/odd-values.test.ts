import { combine, fixedWindows, runLocal, type Combine, type DeadLetter } from '@millrace/core'
import { memoryCheckpoints } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, pipeline, reasonOf, single, sourceOf, table, values } from './support.js'

const test = suite('odd keys and kept values')

interface Odd {
  readonly t: number
  readonly k: unknown
  readonly v: unknown
}

const odd = (k: unknown, v: unknown = 1): Odd => ({ t: 0, k, v })

// any: accumulators and values of any kind
const aggregating = (ticks: readonly Odd[], aggregation: Combine<Odd, any, any>) => {
  const letters = letterBox()
  const sink = table<unknown>()
  const built = pipeline(letters, (p) =>
    p
      .read('in', sourceOf(single(...ticks)))
      .eventTime('time', ({ t }) => t, { boundMillis: 0 })
      .keyBy('key', ({ k }) => k as string) // as: that it is none is what is tried
      .window(fixedWindows({ sizeMillis: 1_000 }))
      .aggregate('kept', aggregation)
      .map('row', ({ key, value }) => [key, value])
      .write('out', sink),
  )
  // A checkpoint after every batch: what cannot be saved shows at once.
  const job = runLocal(built, null, { checkpoints: memoryCheckpoints(), epochMillis: 0 })
  return { job, sink, letters: (): readonly DeadLetter[] => values(letters) }
}

test('a key that is no well-formed string fails its element, not the run', async () => {
  const { job, sink, letters } = aggregating([odd('good'), odd('\ud800'), odd(undefined), odd(null), odd(5), odd('__proto__'), odd('')], combine.count<Odd>())
  const { total } = await job.done
  assert.equal(values(sink), [['good', 1], ['__proto__', 1], ['', 1]])
  assert.equal(letters().map(({ stage, stage_kind, error_class, error_message }) => [stage, stage_kind, error_class, error_message]), [
    ['key', 'key', 'Key', 'the key must be a well-formed string, got one with a lone surrogate'],
    ['key', 'key', 'Key', 'the key must be a well-formed string, got undefined'],
    ['key', 'key', 'Key', 'the key must be a well-formed string, got null'],
    ['key', 'key', 'Key', 'the key must be a well-formed string, got number'],
  ])
  assert.is(total.unaccounted, 0)
})

test('a kept value that no checkpoint takes fails its element, not the run', async () => {
  for (const kept of [combine.first, combine.last]) {
    const { job, sink, letters } = aggregating(
      [odd('a', 'good'), odd('a', '\ud800'), { t: 0, k: 'a', v: undefined }, odd('a', { deep: ['\udfff'] }), odd('a', new Date(0)), odd('a', 10n)],
      kept(({ v }: Odd) => v as string), // as: that it is none is what is tried
    )
    await job.done
    assert.equal(values(sink), [['a', 'good']])
    assert.equal(letters().map(({ stage, stage_kind, event_key }) => [stage, stage_kind, event_key]), Array.from({ length: 5 }, () => ['kept', 'aggregate', 'a']))
  }
})

test('values of any depth and kind that are Data are kept as they are', async () => {
  const value = { text: '😀', list: [1, null, { more: true }], n: Number.NaN }
  const { job, sink, letters } = aggregating([odd('a', value)], combine.first(({ v }: Odd) => v as typeof value)) // as: what was given
  await job.done
  assert.equal([values(sink), letters()], [[['a', value]], []])
})

test('an accumulator of one’s own that is no Data ends the run by stage and key', async () => {
  const set: Combine<Odd, Set<unknown>, number> = { create: () => new Set(), add: (acc, { value }) => acc.add(value.v), merge: (a) => a, extract: ({ size }) => size }
  const { job } = aggregating([odd('a')], set)
  const { _tag, message } = await reasonOf(job.done)
  assert.is(_tag, 'NotData')
  assert.match(message, /^the accumulator of key "a" in stage 'kept' /)
})

test('a key whose every element is refused has no pane', async () => {
  const { job, sink, letters } = aggregating([odd('a', 'no number'), odd('b', 2)], combine.sum(({ v }: Odd) => v as number)) // as: that it is none is what is tried
  await job.done
  assert.equal([values(sink), letters().length], [[['b', 2]], 1])
})

test.run()

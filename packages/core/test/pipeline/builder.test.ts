import { combine, fixedWindows, type Output, type WatermarkPolicy, type WindowFn, type WindowOptions } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planFor, sink, source, type Tick } from './sketch.js'

const test = suite('builder')

const time = ({ time: millis }: Tick): number => millis
const symbol = (tick: Tick): string => tick.symbol
const bounded: WatermarkPolicy = { boundMillis: 0 }

test('two stages of one name are refused, and why is said', () => {
  assert.throws(
    () => planFor((p) => p.read('in', source).map('same', (x) => x).map('same', (x) => x).eventTime('time', time, bounded).write('out', sink)),
    /two stages are named 'same': a name is the identity of a stage's state and dead letters, so give one of them another/,
  )
})

test('two reads, or a read and a write, may not share a name either', () => {
  assert.throws(() => planFor((p) => p.read('in', source).eventTime('time', time, bounded).write('in', sink)), /two stages are named 'in'/)
})

test('a stage without a name is refused, by its kind', () => {
  assert.throws(() => planFor((p) => p.read('', source).eventTime('time', time, bounded).write('out', sink)), /a read stage has no name: give it one/)
  assert.throws(() => planFor((p) => p.read('in', source).eventTime('time', time, bounded).write('', sink)), /a write stage has no name/)
  // as: JavaScript has no types to hold a name to
  assert.throws(() => planFor((p) => p.read('in', source).filter(undefined as never, () => true).eventTime('time', time, bounded).write('out', sink)), /a filter stage has no name/)
})

test('a branch that goes nowhere is refused by the name of its last stage', () => {
  assert.throws(
    () =>
      planFor((p) => {
        const ticks = p.read('in', source).eventTime('time', time, bounded)
        ticks.map('forgotten', (tick) => tick)
        return ticks.write('out', sink)
      }),
    /stage 'forgotten' goes nowhere: end its branch with \.write/,
  )
})

test('a keyBy without a window, or a window without an aggregate, goes nowhere', () => {
  for (const windowed of [false, true]) {
    const build = (): unknown =>
      planFor((p) => {
        const ticks = p.read('in', source).eventTime('time', time, bounded)
        const keyed = ticks.keyBy('symbol', symbol)
        if (windowed) keyed.window(fixedWindows({ sizeMillis: 1 }))
        return ticks.write('out', sink)
      })
    assert.throws(build, /keyBy\('symbol'\) goes nowhere: go on with \.window\(…\)\.aggregate\(…\)/)
  }
})

test('an output that is not returned is refused', () => {
  assert.throws(
    () =>
      planFor((p) => {
        const ticks = p.read('in', source).eventTime('time', time, bounded)
        ticks.write('lost', sink)
        return ticks.write('out', sink)
      }),
    /write\('lost'\) is not returned by build: return every output/,
  )
})

test('a build that returns nothing at all says the same', () => {
  const nothing = undefined as never as Output<'local'> // as: JavaScript forgets a return
  assert.throws(() => planFor((p) => (p.read('in', source).eventTime('time', time, bounded).write('out', sink), nothing)), /write\('out'\) is not returned/)
})

test('a build that reads nothing is refused', () => {
  assert.throws(() => planFor(() => []), /build reads nothing: begin with p\.read/)
})

test('a build that gives two graphs for one config is refused', () => {
  let calls = 0
  assert.throws(
    () => planFor((p) => p.read('in', source).map(`call ${calls++}`, (x) => x).eventTime('time', time, bounded).write('out', sink)),
    /pipeline 'sketch': build gave two different graphs for one config; it must be a pure function of it/,
  )
})

const withPolicy = (policy: WatermarkPolicy) => (): unknown => planFor((p) => p.read('in', source).eventTime('time', time, policy).write('out', sink))

test('a policy that makes no sense is refused by stage, field and value', () => {
  const wrong: readonly (readonly [WatermarkPolicy, RegExp])[] = [
    [{ boundMillis: -1 }, /eventTime\('time'\): boundMillis must be a finite number ≥ 0, got -1/],
    [{ boundMillis: Number.NaN }, /boundMillis .* got NaN/],
    [{ boundMillis: Infinity }, /boundMillis .* got Infinity/],
    [{ boundMillis: 0, idleAfterMillis: -1 }, /idleAfterMillis must be ≥ 0, got -1/],
    [{ boundMillis: 0, maxJumpMillis: 0 }, /maxJumpMillis must be > 0, got 0/],
    [{ boundMillis: 0, confirmations: 0 }, /confirmations must be an integer ≥ 1, got 0/],
    [{ boundMillis: 0, confirmations: 1.5 }, /confirmations .* got 1\.5/],
    [{ boundMillis: 0, earliestMillis: Number.NaN }, /earliestMillis must be a number, got NaN/],
    [{ boundMillis: 0, maxAheadMillis: -1 }, /maxAheadMillis must be ≥ 0, got -1/],
  ]
  for (const [policy, message] of wrong) assert.throws(withPolicy(policy), message)
  assert.not.throws(withPolicy({ boundMillis: 0, idleAfterMillis: 0, maxJumpMillis: 1, confirmations: 1, maxAheadMillis: 0 }))
})

test('mapAsync needs a concurrency and a time that can be waited for', () => {
  const withOptions = (concurrency: number, timeoutMillis: number) => (): unknown =>
    planFor((p) => p.read('in', source).eventTime('time', time, bounded).mapAsync('ask', async (x) => x, { concurrency, timeoutMillis }).write('out', sink))
  assert.throws(withOptions(0, 1), /mapAsync\('ask'\): concurrency must be an integer ≥ 1, got 0/)
  assert.throws(withOptions(1.5, 1), /concurrency .* got 1\.5/)
  for (const timeoutMillis of [0, -1, Number.NaN, Infinity]) {
    assert.throws(withOptions(1, timeoutMillis), new RegExp(`mapAsync\\('ask'\\): timeoutMillis must be a finite number > 0, got ${timeoutMillis}`))
  }
  assert.not.throws(withOptions(1, 1))
})

const withWindow = (fn: WindowFn, options?: WindowOptions) => (): unknown =>
  planFor((p) => p.read('in', source).eventTime('time', time, bounded).keyBy('symbol', symbol).window(fn, options).aggregate('bars', combine.count<Tick>()).write('out', sink as never)) // as: the sink takes every kind of pane

test('windows of no size are refused, also where they were written by hand', () => {
  for (const sizeMillis of [0, -5, 1.5, Number.NaN, Infinity, 2 ** 53]) {
    assert.throws(() => fixedWindows({ sizeMillis }), /fixedWindows: sizeMillis must be a positive integer/)
    assert.throws(withWindow({ _tag: 'fixed', sizeMillis, offsetMillis: 0 }), /sizeMillis must be a positive integer/)
  }
  assert.throws(() => fixedWindows({ sizeMillis: 5, offsetMillis: 0.5 }), /offsetMillis must be an integer, got 0\.5/)
})

test('a lateness that is none is refused', () => {
  for (const allowedLatenessMillis of [-1, Number.NaN]) {
    assert.throws(withWindow(fixedWindows({ sizeMillis: 1 }), { allowedLatenessMillis }), /window after keyBy\('symbol'\): allowedLatenessMillis must be ≥ 0/)
  }
})

test('options are copied: to change them later changes no pipeline', () => {
  const policy = { boundMillis: 5 }
  const plan = planFor((p) => p.read('in', source).eventTime('time', time, policy).write('out', sink))
  policy.boundMillis = 9
  const stage = plan.graph.stages.find(({ kind }) => kind === 'eventTime')
  assert.equal(stage?.kind === 'eventTime' && stage.policy.boundMillis, 5)
})

test.run()

import { manualClock } from '@millrace/core/testing'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('manualClock')

test('ends sleeps in the order of their times, each at its time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 12 }), async (sleeps) => {
      const clock = manualClock(1_000)
      const woken: { index: number; at: number }[] = []
      sleeps.forEach((millis, index) => void clock.sleep(millis).then(() => woken.push({ index, at: clock.now() })))
      assert.is(clock.pending(), sleeps.length)
      await clock.advance(50)
      const expected = sleeps.map((millis, index) => ({ index, at: 1_000 + millis })).toSorted((a, b) => a.at - b.at)
      assert.equal(woken, expected)
      assert.is(clock.now(), 1_050)
      assert.is(clock.pending(), 0)
    }),
    { numRuns: 50 },
  )
})

test('leaves alone what is not due', async () => {
  const clock = manualClock()
  let woken = false
  void clock.sleep(10).then(() => (woken = true))
  await clock.advance(9)
  assert.is(woken, false)
  await clock.advance(1)
  assert.is(woken, true)
})

test('ends sleeps that begin while it advances', async () => {
  const clock = manualClock()
  const times: number[] = []
  const tick = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      await clock.sleep(10)
      times.push(clock.now())
    }
  }
  void tick()
  await clock.advance(100)
  assert.equal(times, [10, 20, 30, 40, 50])
  assert.is(clock.now(), 100)
})

test('advances that overlap queue up', async () => {
  const clock = manualClock()
  let wokenAt = -1
  void clock.sleep(15).then(() => (wokenAt = clock.now()))
  await Promise.all([clock.advance(10), clock.advance(10)])
  assert.is(wokenAt, 15)
  assert.is(clock.now(), 20)
})

test('does not end a sleep of 0 by itself', async () => {
  const clock = manualClock()
  let woken = false
  void clock.sleep(0).then(() => (woken = true))
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(woken, false)
  await clock.advance(0)
  assert.is(woken, true)
})

const rejection = (promise: Promise<void>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  )

test('rejects with the reason of the signal, at once', async () => {
  const clock = manualClock()
  const controller = new AbortController()
  const reason = new Error('enough')
  const ended = rejection(clock.sleep(10, controller.signal))
  controller.abort(reason)
  assert.is(await ended, reason)
  assert.is(clock.pending(), 0)
  assert.is(await rejection(clock.sleep(10, controller.signal)), reason)
})

test('refuses negative and non-finite times', () => {
  const clock = manualClock()
  for (const millis of [-1, Number.NaN, Infinity]) {
    assert.throws(() => clock.advance(millis), /0 or more/)
    assert.throws(() => clock.sleep(millis), /0 or more/)
  }
})

test.run()

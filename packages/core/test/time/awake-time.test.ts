import { AwakeTime, type Clock } from '@millrace/core'
import { manualClock } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('time in which the process is awake')

test('looked at often enough it is the clock’s; of a stall one tick counts, and nothing of a clock that was set back', () => {
  let now = 1_000
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
  const awake = new AwakeTime(clock)
  const after = (millis: number): number => ((now += millis), awake.millis)
  assert.equal([after(0), after(250), after(500)], [0, 250, 750])
  assert.is(after(25_000), 1_000)
  assert.is(after(-5_000), 1_000)
  assert.is(after(100), 1_100)
})

test('it looks by itself until it is told to stop', async () => {
  const clock = manualClock()
  const awake = new AwakeTime(clock)
  const stop = new AbortController()
  const watching = awake.watch(stop.signal)
  await clock.advance(10_000)
  assert.is(awake.millis, 10_000)
  stop.abort()
  await watching
  assert.is(clock.pending(), 0)
})

test.run()

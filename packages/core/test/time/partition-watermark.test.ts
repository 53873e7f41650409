import type { WatermarkPolicy } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PartitionWatermark } from '#src/time/partition-watermark.js'

const test = suite('watermark of a partition')

const unbounded = (policy: WatermarkPolicy, ...times: readonly number[]): PartitionWatermark => {
  const watermark = new PartitionWatermark(false, policy)
  for (const time of times) watermark.afterRecord(time)
  return watermark
}

const millisAfter = (policy: WatermarkPolicy, ...times: readonly number[]): number => unbounded(policy, ...times).millis

const guarded: WatermarkPolicy = { boundMillis: 0, maxJumpMillis: 10 }

test('before the first record there is none', () => {
  assert.is(millisAfter({ boundMillis: 3 }), -Infinity)
})

test('it is the greatest time so far, less the bound, and never goes back', () => {
  assert.is(millisAfter({ boundMillis: 3 }, 10), 7)
  assert.is(millisAfter({ boundMillis: 3 }, 10, 4), 7)
  assert.is(millisAfter({ boundMillis: 3 }, 10, 4, 11), 8)
})

test('the first record is believed, however far it lies from nothing', () => {
  assert.is(millisAfter(guarded, 1e15), 1e15)
  assert.is(millisAfter(guarded, -1e15), -1e15)
})

test('a jump of exactly maxJumpMillis is none; one of more is not believed', () => {
  assert.is(millisAfter(guarded, 100, 110), 110)
  assert.is(millisAfter(guarded, 100, 110.5), 100)
})

test('three in a row that lie together confirm it: the watermark moves to the least of them', () => {
  assert.is(millisAfter(guarded, 100, 205, 200), 100)
  assert.is(millisAfter(guarded, 100, 205, 200, 210), 200)
})

test('a jump is confirmed once: the next one begins anew', () => {
  assert.is(millisAfter(guarded, 100, 200, 200, 200, 300, 300), 200)
  assert.is(millisAfter(guarded, 100, 200, 200, 200, 300, 300, 300), 300)
})

test('any other record in between breaks the confirmations up', () => {
  assert.is(millisAfter(guarded, 100, 200, 200, 101, 200), 101)
  assert.is(millisAfter(guarded, 100, 200, 200, 50, 200, 200), 100)
  assert.is(millisAfter(guarded, 100, 200, 200, 50, 200, 200, 200), 200)
})

test('candidates that lie too far from each other begin a run of their own, with the last of them', () => {
  assert.is(millisAfter(guarded, 100, 200, 200, 300, 300), 100)
  assert.is(millisAfter(guarded, 100, 200, 200, 300, 300, 300), 300)
  // Each neighbour lies near, but the third not near the first.
  assert.is(millisAfter(guarded, 100, 200, 208, 216, 216), 100)
  assert.is(millisAfter(guarded, 100, 200, 208, 216, 216, 216), 216)
})

test('the number of confirmations is the policy’s; one believes at once', () => {
  const twice = { ...guarded, confirmations: 2 }
  assert.is(millisAfter(twice, 100, 200), 100)
  assert.is(millisAfter(twice, 100, 200, 201), 200)
  assert.is(millisAfter({ ...guarded, confirmations: 1 }, 100, 200), 200)
})

test('without maxJumpMillis every jump is believed', () => {
  assert.is(millisAfter({ boundMillis: 0 }, 0, 1e15), 1e15)
})

test('bounded: there is none but the floor, which never goes back', () => {
  const watermark = new PartitionWatermark(true, { boundMillis: 3 })
  watermark.afterRecord(1_000)
  assert.is(watermark.millis, -Infinity)
  watermark.raiseFloor(50)
  watermark.raiseFloor(40)
  assert.is(watermark.millis, 50)
})

test('unbounded: a floor moves it, and it never goes back', () => {
  const watermark = new PartitionWatermark(false, { boundMillis: 3 })
  watermark.afterRecord(10)
  watermark.raiseFloor(1_000)
  assert.is(watermark.millis, 1_000)
  watermark.afterRecord(1_002)
  assert.is(watermark.millis, 1_000)
  watermark.afterRecord(1_010)
  assert.is(watermark.millis, 1_007)
})

test('silence beyond the idle time moves it with the clock; a record begins anew, and it never goes back', () => {
  const watermark = new PartitionWatermark(false, { boundMillis: 3, idleAfterMillis: 100 })
  watermark.silence(1e6)
  assert.is(watermark.millis, Number.NEGATIVE_INFINITY)
  watermark.afterRecord(10)
  watermark.silence(100)
  assert.is(watermark.millis, 7)
  watermark.stillSilent(5)
  watermark.stillSilent(2)
  assert.is(watermark.millis, 12)
  watermark.silence(20)
  assert.is(watermark.millis, 27)
  watermark.afterRecord(20)
  watermark.silence(100)
  assert.is(watermark.millis, 27)
  watermark.silence(30)
  assert.is(watermark.millis, 47)
})

test('blind before its first record, over gaps from the watermark on, and behind its end; each by the bound longer than what was seen', () => {
  const watermark = new PartitionWatermark(false, { boundMillis: 3 })
  const { coverage } = watermark
  assert.not(coverage.covers(-1e9, 0))
  watermark.afterRecord(10)
  watermark.afterRecord(50)
  assert.equal([coverage.covers(0, 10), coverage.covers(10, 13), coverage.covers(13, 20), coverage.covers(14, 20)], [false, false, false, true])
  watermark.gap()
  assert.equal([coverage.covers(20, 47), coverage.covers(20, 48)], [true, false])
  watermark.gap()
  watermark.afterRecord(70)
  assert.equal([coverage.covers(60, 70), coverage.covers(73, 80), coverage.covers(74, 80)], [false, false, true])
  watermark.end(true)
  assert.equal([coverage.covers(68, 70), coverage.covers(74, 75)], [false, false])
  const other = new PartitionWatermark(false, { boundMillis: 3 })
  other.restore(watermark.save())
  assert.equal(other.save(), watermark.save())
})

test('what is sent anew after a gap, or comes late, does not end it', () => {
  const watermark = new PartitionWatermark(false, { boundMillis: 3 })
  watermark.afterRecord(100)
  watermark.gap()
  watermark.afterRecord(99)
  watermark.afterRecord(100)
  assert.not(watermark.coverage.covers(120, 180))
  watermark.afterRecord(300)
  assert.equal([watermark.coverage.covers(120, 180), watermark.coverage.covers(304, 310)], [false, true])
})

test('what ended as a whole ends with its last record, what was left with its watermark; what never gave anything has missed nothing', () => {
  const ended = (isWhole: boolean, ...times: readonly number[]): readonly boolean[] => {
    const watermark = new PartitionWatermark(false, { boundMillis: 3, maxJumpMillis: 100 })
    for (const time of times) watermark.afterRecord(time)
    watermark.end(isWhole)
    return [watermark.coverage.covers(40, 48), watermark.coverage.covers(48, 51)]
  }
  assert.equal(ended(true, 10, 50), [true, false])
  assert.equal(ended(false, 10, 50), [false, false])
  // A jump that nothing confirmed is not believed, and yet the last that was heard.
  assert.equal(ended(true, 10, 500), [true, true])
  assert.equal([ended(true), ended(false)], [[true, true], [false, false]])
})

test('saved and restored at any point, it goes on as if nothing had been', () => {
  const times = [100, 200, 205, 50, 300, 301, 305, 280, 306]
  const whole = unbounded(guarded, ...times)
  assert.is(whole.millis, 306)
  for (let cut = 0; cut <= times.length; cut++) {
    const before = unbounded(guarded, ...times.slice(0, cut))
    const after = new PartitionWatermark(false, guarded)
    after.restore(before.save())
    for (const time of times.slice(cut)) after.afterRecord(time)
    assert.equal(after.save(), whole.save(), `cut at ${cut}`)
  }
})

test('a floor is saved too', () => {
  const before = new PartitionWatermark(true, guarded)
  before.raiseFloor(50)
  const after = new PartitionWatermark(true, guarded)
  after.restore(before.save())
  assert.is(after.millis, 50)
})

test.run()

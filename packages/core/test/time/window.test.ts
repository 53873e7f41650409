import fc from 'fast-check'
import { fixedWindows } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fixedStart } from '#src/time/window.js'

const test = suite('fixed windows')

test('a time belongs to the window that it begins, and not to the one that it ends', () => {
  assert.is(fixedStart(4_999, 5_000, 0), 0)
  assert.is(fixedStart(5_000, 5_000, 0), 5_000)
  assert.is(fixedStart(0, 5_000, 0), 0)
})

test('before 1970 windows begin before the time too', () => {
  assert.is(fixedStart(-1, 5_000, 0), -5_000)
  assert.is(fixedStart(-5_000, 5_000, 0), -5_000)
  assert.is(fixedStart(-5_001, 5_000, 0), -10_000)
})

test('an offset moves the edges', () => {
  assert.is(fixedStart(1_999, 5_000, 2_000), -3_000)
  assert.is(fixedStart(2_000, 5_000, 2_000), 2_000)
  assert.is(fixedStart(-3_000, 5_000, 2_000), -3_000)
})

test('between two milliseconds a time belongs to the millisecond that has begun', () => {
  assert.is(fixedStart(4_999.999, 5_000, 0), 0)
  assert.is(fixedStart(5_000.5, 5_000, 0), 5_000)
  assert.is(fixedStart(-0.5, 5_000, 0), -5_000)
})

const size = fc.integer({ min: 1, max: 1_000_000 })
const offset = fc.integer({ min: -10_000_000, max: 10_000_000 })

test('any whole time lies in its window, whose edge is a multiple of the size from the offset', () => {
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 })
  fc.assert(
    fc.property(time, size, offset, (timeMillis, sizeMillis, offsetMillis) => {
      const window = fixedWindows({ sizeMillis, offsetMillis })
      if (window._tag !== 'fixed') throw new Error('fixedWindows gave something else')
      const start = fixedStart(timeMillis, window.sizeMillis, window.offsetMillis)
      // BigInt: the oracle must not round.
      assert.ok(start <= timeMillis && timeMillis < start + sizeMillis, `${start} ${timeMillis}`)
      assert.is((BigInt(start) - BigInt(offsetMillis)) % BigInt(sizeMillis), 0n)
    }),
  )
})

test('any fractional time lies in its window', () => {
  const time = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(time, size, (timeMillis, sizeMillis) => {
      const start = fixedStart(timeMillis, sizeMillis, 0)
      assert.ok(start <= timeMillis && timeMillis < start + sizeMillis, `${start} ${timeMillis}`)
      assert.is(Math.abs(start % sizeMillis), 0)
    }),
  )
})

test('an offset is taken into the first window', () => {
  const offsets = [-1, 0, 4_999, 5_000, -5_001].map((offsetMillis) => {
    const window = fixedWindows({ sizeMillis: 5_000, offsetMillis })
    return window._tag === 'fixed' ? window.offsetMillis : undefined
  })
  assert.equal(offsets, [4_999, 0, 4_999, 0, 4_999])
})

test.run()

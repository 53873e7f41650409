import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine } from '@millrace/core'
import { exact, expectedSum, nearest } from './exact-oracle.js'
import { element, foldInSomeOrder, numbers, seeds } from './random-fold.js'

const test = suite('combine.mean')
const mean = combine.mean((x: number) => x)
const same = (actual: number, expected: number): void =>
  assert.ok(Object.is(actual, expected), `${actual} instead of ${expected}`)

const expectedMean = (xs: readonly number[]): number => {
  const sum = expectedSum(xs)
  if (Number.isFinite(sum) || xs.some((x) => !Number.isFinite(x))) return sum / xs.length
  return nearest(
    xs.reduce((units, x) => units + exact(x), 0n),
    BigInt(xs.length),
  )
}

test('is the rounded exact sum over the count, in every order of adding and merging', () => {
  const property = fc.property(numbers, seeds, (xs, seed) =>
    same(
      foldInSomeOrder(
        mean,
        xs.map((x) => element(x)),
        seed,
      ),
      expectedMean(xs),
    ),
  )
  fc.assert(property, { numRuns: 2_000 })
})

test('of huge numbers does not overflow', () => {
  const huge = fc.array(fc.double({ min: 1e307, max: Number.MAX_VALUE, noNaN: true }), { minLength: 20, maxLength: 40 })
  const property = fc.property(huge, fc.constantFrom(1, -1), seeds, (xs, sign, seed) => {
    const signed = xs.map((x) => sign * x)
    const found = foldInSomeOrder(
      mean,
      signed.map((x) => element(x)),
      seed,
    )
    same(found, expectedMean(signed))
    assert.ok(Number.isFinite(found))
  })
  fc.assert(property, { numRuns: 300 })
})

test('of huge numbers sees the least remainder on a tie', () => {
  const x = 1.5 * 2 ** 1023
  const y = 2 ** 1023 + 2 ** 971
  const add = (acc: ReturnType<typeof mean.create>, each: number): typeof acc => mean.add(acc, element(each))
  // 2^1023 and half of its last place; and a sixth of the least double.
  same(mean.extract([x, x, y, y, y, 5e-324].reduce(add, mean.create())), y)
  same(mean.extract([x, x, y, y, y, 0].reduce(add, mean.create())), 2 ** 1023)
})

test('of nothing is NaN', () => same(mean.extract(mean.create()), NaN))

test.run()

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine } from '@millrace/core'
import { addTo, emptySum, type ExactSum } from '#src/combine/exact-sum.js'
import { expectedSum, nearest } from './exact-oracle.js'
import { element, finiteNumbers, foldInSomeOrder, numbers, seeds } from './random-fold.js'

const test = suite('combine.sum')
const sum = combine.sum((x: number) => x)
const same = (actual: number, expected: number): void =>
  assert.ok(Object.is(actual, expected), `${actual} instead of ${expected}`)
const sumOf = (xs: readonly number[]): number =>
  sum.extract(xs.reduce((acc, x) => sum.add(acc, element(x)), sum.create()))

test('is the exact sum, rounded once, in every order of adding and merging', () => {
  const property = fc.property(numbers, seeds, (xs, seed) =>
    same(
      foldInSomeOrder(
        sum,
        xs.map((x) => element(x)),
        seed,
      ),
      expectedSum(xs),
    ),
  )
  fc.assert(property, { numRuns: 3_000 })
})

test('does not overflow on the way', () => {
  for (const xs of [
    [1e308, 1e308, -1e308],
    [1e308, -1e308, 1e308],
    [-1e308, 1e308, 1e308],
  ])
    same(sumOf(xs), 1e308)
})

test('is infinite only beyond the range, and rounds to even at its end', () => {
  const halfway = 2 ** 970
  same(sumOf([Number.MAX_VALUE, halfway / 2]), Number.MAX_VALUE)
  same(sumOf([Number.MAX_VALUE, halfway]), Infinity)
  same(sumOf([Number.MAX_VALUE, halfway, -5e-324]), Number.MAX_VALUE)
  same(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]), Infinity)
  same(sumOf([-Number.MAX_VALUE, -Number.MAX_VALUE]), -Infinity)
})

test('keeps infinities and NaN, whatever comes after', () => {
  same(sumOf([Infinity, 1]), Infinity)
  same(sumOf([1, -Infinity, 1e308]), -Infinity)
  same(sumOf([Infinity, -Infinity, 1]), NaN)
  same(sumOf([NaN, Infinity]), NaN)
})

test('of nothing, and of -0, is 0', () => {
  same(sumOf([]), 0)
  same(sumOf([-0, -0]), 0)
})

test('refuses what is no number, and keeps the accumulator as it was', () => {
  // What unchecked input can give at run time in spite of the type.
  for (const bad of ['1', null, undefined, 1n, {}] as unknown as number[]) {
    const acc = sum.add(sum.create(), element(2))
    assert.throws(() => sum.add(acc, element(bad)), /combine sum: its function gave .* it must give a number/)
    same(sum.extract(acc), 2)
  }
})

test('needs two numbers for a million prices, and no lists', () => {
  const acc = emptySum()
  let cents = 0
  for (let i = 0; i < 1_000_000; i++) {
    const price = (i * 7_919) % 1_000_003
    addTo(acc, price / 100)
    cents += price
  }
  assert.is(acc.rest, null)
  assert.is(sum.extract(acc).toFixed(2), (cents / 100).toFixed(2))
})

test('keeps few partials, however wild the numbers', () => {
  const property = fc.property(fc.array(finiteNumbers), (lists) => {
    const acc: ExactSum = emptySum()
    for (const x of lists.flat()) addTo(acc, x)
    // 2,098 bits of range in terms of 53 bits that do not overlap.
    assert.ok((acc.rest?.small.length ?? 0) <= 40)
    assert.ok((acc.rest?.big.length ?? 0) <= 40)
  })
  fc.assert(property, { numRuns: 300 })
})

test('the oracle itself rounds as the machine does', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (a, b) => same(expectedSum([a, b]), a + b + 0),
    ),
  )
  same(nearest(3n, 2n), 1e-323)
})

test.run()

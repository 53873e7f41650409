import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine } from '@millrace/core'
import { element, foldInSomeOrder, numbers, seeds } from './random-fold.js'

const test = suite('combine.count, min, max')
const min = combine.min((x: number) => x)
const max = combine.max((x: number) => x)
const count = combine.count<number>()
const same = (actual: number, expected: number): void =>
  assert.ok(Object.is(actual, expected), `${actual} instead of ${expected}`)

// By sorting, not by Math.min: NaN first of all, and no -0.
const extremes = (xs: readonly number[]): readonly [number, number] => {
  if (xs.some((x) => Number.isNaN(x))) return [NaN, NaN]
  const sorted = xs.map((x) => (x === 0 ? 0 : x)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return [sorted[0] ?? Infinity, sorted.at(-1) ?? -Infinity]
}

test('min and max are the ends of the sorted numbers, in every order', () => {
  const property = fc.property(numbers, seeds, (xs, seed) => {
    const elements = xs.map((x) => element(x))
    same(foldInSomeOrder(min, elements, seed), extremes(xs)[0])
    same(foldInSomeOrder(max, elements, seed), extremes(xs)[1])
  })
  fc.assert(property, { numRuns: 1_000 })
})

test('a NaN poisons, -0 is 0, nothing is an infinity', () => {
  const of = (c: typeof min, xs: readonly number[]): number =>
    c.extract(xs.reduce((acc, x) => c.add(acc, element(x)), c.create()))
  for (const c of [min, max]) {
    same(of(c, [1, NaN, 2]), NaN)
    same(of(c, [NaN, 2]), NaN)
    same(of(c, [-0]), 0)
  }
  same(of(min, []), Infinity)
  same(of(max, []), -Infinity)
})

test('count counts, in every order', () => {
  fc.assert(
    fc.property(numbers, seeds, (xs, seed) =>
      same(
        foldInSomeOrder(
          count,
          xs.map((x) => element(x)),
          seed,
        ),
        xs.length,
      ),
    ),
  )
})

test('min and max refuse what is no number', () => {
  for (const c of [min, max]) {
    assert.throws(() => c.add(c.create(), element('7' as unknown as number)), /its function gave "7" \(string\)/) // unchecked input
  }
})

test.run()

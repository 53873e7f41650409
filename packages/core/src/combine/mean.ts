import type { Combine } from './combine.js'
import { nearestDouble } from './exact-integer.js'
import { addSum, addTo, emptySum, roundSum, unitsOfSum, type ExactSum } from './exact-sum.js'
import { combineOf } from './part.js'

/** @public */
export interface MeanAccumulator {
  sum: ExactSum
  count: number
}

const create = (): MeanAccumulator => ({ sum: emptySum(), count: 0 })

const apply = (acc: MeanAccumulator, x: number): MeanAccumulator => {
  addTo(acc.sum, x)
  acc.count++
  return acc
}

const merge = (a: MeanAccumulator, b: MeanAccumulator): MeanAccumulator => {
  addSum(a.sum, b.sum)
  a.count += b.count
  return a
}

// The sum alone is beyond the range; the mean of finite numbers never is.
const meanOfHugeSum = (sum: ExactSum, count: bigint): number => {
  const units = unitsOfSum(sum)
  return nearestDouble(units / count, units % count !== 0n)
}

const extract = ({ sum, count }: MeanAccumulator): number => {
  const rounded = roundSum(sum)
  const overflowed = !Number.isFinite(rounded) && Number.isFinite(sum.hi)
  return overflowed ? meanOfHugeSum(sum, BigInt(count)) : rounded / count
}

/**
 * The exact sum of `f(value)` rounded once, divided by the count and rounded again; where only that sum would be
 * beyond the range of doubles, the exact mean rounded once. Alike in every order. Infinities and NaN as in `sum`. Of
 * nothing: NaN.
 * @param f called once for each element; must give a number
 * @public
 */
export const mean = <A>(f: (value: A) => number): Combine<A, MeanAccumulator, number> =>
  combineOf({ kind: 'mean', take: f, accepts: 'number', create, apply, merge, extract })

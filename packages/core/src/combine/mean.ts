import type { Combine } from './combine.js'
import { nearestDouble } from './exact-integer.js'
import { addSum, addTo, emptySum, roundSum, unitsOfSum, type ExactSum } from './exact-sum.js'
import { addToColumn, createSum, readSum, writeSum } from './exact-sum-column.js'
import { combineOf } from './part.js'
import type { ColumnForm } from './slab.js'

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

const COUNT = 2

/** The sum's slots, then the count. */
const column: ColumnForm<MeanAccumulator, number> = {
  slots: 3,
  create: (slab, at) => {
    createSum(slab, at)
    slab.numbers[at + COUNT] = 0
  },
  apply: (slab, at, x) => {
    addToColumn(slab, at, x)
    slab.numbers[at + COUNT] = (slab.numbers[at + COUNT] as number) + 1 // as: a slot of the slab, here and below
  },
  read: (slab, at) => ({ sum: readSum(slab, at), count: slab.numbers[at + COUNT] as number }),
  write: (slab, at, { sum, count }) => {
    writeSum(slab, at, sum)
    slab.numbers[at + COUNT] = count
  },
}

/**
 * The exact sum of `f(value)` rounded once, divided by the count and rounded again; where only that sum would be
 * beyond the range of doubles, the exact mean rounded once. Alike in every order. Infinities and NaN as in `sum`. Of
 * nothing: NaN.
 * @param f called once for each element; must give a number
 * @public
 */
export const mean = <A>(f: (value: A) => number): Combine<A, MeanAccumulator, number> =>
  combineOf({ kind: 'mean', take: f, accepts: 'number', create, apply, merge, extract, column })

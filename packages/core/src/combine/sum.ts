import type { Combine } from './combine.js'
import { addSum, addTo, emptySum, roundSum, type ExactSum } from './exact-sum.js'
import { sumColumn } from './exact-sum-column.js'
import { combineOf } from './part.js'

/**
 * The double nearest to the exact sum of `f(value)`, whatever the order of addition: 1e308 + 1e308 − 1e308 is 1e308.
 * ±Infinity only if the exact sum is beyond the range of doubles, or an infinity was added; NaN if a NaN or both
 * infinities were. Of nothing: 0; never −0.
 * @param f called once for each element; must give a number
 * @public
 */
export const sum = <A>(f: (value: A) => number): Combine<A, ExactSum, number> =>
  combineOf({
    kind: 'sum',
    take: f,
    accepts: 'number',
    create: emptySum,
    apply: addTo,
    merge: addSum,
    extract: roundSum,
    column: sumColumn,
  })

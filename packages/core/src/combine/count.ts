import type { Combine } from './combine.js'
import { combineOf } from './part.js'
import { oneNumber } from './slab.js'

const nothing = (): null => null
const zero = (): number => 0
const increment = (count: number): number => count + 1
const plus = (a: number, b: number): number => a + b
const itself = (count: number): number => count

const column = oneNumber(0, increment)

/** How many elements. Of none: 0. Exact up to 2^53. @public */
export const count = <A>(): Combine<A, number, number> =>
  combineOf({
    kind: 'count',
    take: nothing,
    accepts: 'nothing',
    create: zero,
    apply: increment,
    merge: plus,
    extract: itself,
    column,
  })

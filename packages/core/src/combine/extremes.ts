import type { Combine } from './combine.js'
import { combineOf } from './part.js'
import { oneNumber } from './slab.js'

// Infinities as the empty accumulators: numbers from the start, so that V8 keeps them unboxed in the struct's object.
const most = (): number => Infinity
const least = (): number => -Infinity
const itself = (acc: number): number => acc
// + 0 turns -0 into 0, so that the answer is the same before and after a checkpoint.
const lesser = (acc: number, x: number): number => Math.min(acc, x + 0)
const greater = (acc: number, x: number): number => Math.max(acc, x + 0)

const leastColumn = oneNumber(Infinity, lesser)
const greatestColumn = oneNumber(-Infinity, greater)

/**
 * The least `f(value)`. One NaN makes it NaN; −0 becomes 0. Of nothing: Infinity, as `Math.min()`.
 * @param f called once for each element; must give a number
 * @public
 */
export const min = <A>(f: (value: A) => number): Combine<A, number, number> =>
  combineOf({ kind: 'min', take: f, accepts: 'number', create: most, apply: lesser, merge: lesser, extract: itself, column: leastColumn })

/**
 * The greatest `f(value)`. One NaN makes it NaN; −0 becomes 0. Of nothing: −Infinity, as `Math.max()`.
 * @param f called once for each element; must give a number
 * @public
 */
export const max = <A>(f: (value: A) => number): Combine<A, number, number> =>
  combineOf({ kind: 'max', take: f, accepts: 'number', create: least, apply: greater, merge: greater, extract: itself, column: greatestColumn })

import type { Envelope } from '../envelope.js'
import type { Combine } from './combine.js'
import { compareKept, compareTied, keep, keptValue, nothingKept, type Kept } from './kept.js'
import { lastColumn } from './kept-column.js'
import { combineOf } from './part.js'
import type { ColumnForm } from './slab.js'

const create = <B>(): Kept<B> => nothingKept(-Infinity)

const apply = <A, B>(acc: Kept<B>, taken: B, element: Envelope<A>): Kept<B> => {
  const t = element.eventTimeMillis
  if (t > acc.t || (t === acc.t && compareTied(element, acc, 1) > 0)) keep(acc, taken, element)
  return acc
}

const merge = <B>(a: Kept<B>, b: Kept<B>): Kept<B> => {
  if (b.path !== null && (a.path === null || compareKept(b, a) > 0)) Object.assign(a, b)
  return a
}

const extract = <B>(acc: Kept<B>): B => keptValue('last', acc)

/**
 * `f(value)` of the element that comes last in the order of elements: event time, then partition, position and path. Of
 * nothing: throws.
 * @param f called once for each element, needed or not; what it gives must be `Data` and is kept as it is: do not
 * change it later
 * @public
 */
export const last = <A, B>(f: (value: A) => B): Combine<A, Kept<B>, B> =>
  combineOf<A, Kept<B>, B, B>({ kind: 'last', take: f, accepts: 'data', create, apply, merge, extract, column: lastColumn as ColumnForm<Kept<B>, B> }) // as: what it keeps is what it was given

import { comparePositions, type Envelope, type Position } from '../envelope.js'

/**
 * One element's value and its place in the order of elements (`compareElements`). Short names: they are in every
 * checkpoint, once for each open window and key. Empty while `path` is null.
 * @public
 */
export interface Kept<B> {
  /** What the user's function gave. */
  v: B | null
  /** Event time, Unix epoch milliseconds; ±Infinity while empty, so that any other time beats it. */
  t: number
  partition: string
  /** Kept by reference, as the path: an envelope's positions and paths are never written to again. */
  position: Position
  path: readonly number[] | null
}

const nowhere: Position = Object.freeze([])

/** An accumulator that keeps nothing yet. @param t worse than any event time */
export const nothingKept = <B>(t: number): Kept<B> => ({ v: null, t, partition: '', position: nowhere, path: null })

/** Keeps this element instead. */
export const keep = <B>(acc: Kept<B>, v: B, element: Envelope<unknown>): void => {
  const { origin } = element
  // -0 becomes 0 in a checkpoint: let it be 0 at once.
  acc.v = v === 0 ? (0 as B) : v // 0 or -0 is a B here
  acc.t = element.eventTimeMillis
  acc.partition = origin.partition
  acc.position = origin.position
  acc.path = element.path
}

/**
 * The order of elements of the same event time: < 0 if `element` comes before the kept one. Not called for each
 * element: origins are made on demand.
 */
export const compareTied = (element: Envelope<unknown>, acc: Kept<unknown>, whenEmpty: number): number => {
  if (acc.path === null) return whenEmpty
  const { origin } = element
  if (origin.partition !== acc.partition) return origin.partition < acc.partition ? -1 : 1
  return comparePositions(origin.position, acc.position) || comparePositions(element.path, acc.path)
}

/** The order of what two accumulators keep, neither of them empty. */
export const compareKept = (a: Kept<unknown>, b: Kept<unknown>): number => {
  if (a.t !== b.t) return a.t < b.t ? -1 : 1
  if (a.partition !== b.partition) return a.partition < b.partition ? -1 : 1
  return comparePositions(a.position, b.position) || comparePositions(a.path ?? [], b.path ?? [])
}

/** @throws RangeError if there is none */
export const keptValue = <B>(kind: string, acc: Kept<B>): B => {
  if (acc.path === null)
    throw new RangeError(`combine ${kind}: there is no ${kind} of no elements; windows fire only with at least one`)
  return acc.v as B // set with the path
}

import { compareTied, keep, nothingKept, type Kept } from './kept.js'
import { offsetOf, stepOf, type ColumnForm, type PlacedElement, type Slab } from './slab.js'

// The slots: event time, value, offset, step, and the partition's number, or one of these instead of it.
const VALUE = 1
const OFFSET = 2
const STEP = 3
const PARTITION = 4
const empty = -1
/** Its value is no number, or its place is not one offset and at most one index: it is kept as an object. */
const odd = -2

const noPath: readonly number[] = Object.freeze([])

const readKept = (slab: Slab, at: number): Kept<unknown> => {
  const { numbers } = slab
  const t = numbers[at] as number // as: slots of the slab, here and below
  const partition = numbers[at + PARTITION] as number
  if (partition === empty) return nothingKept(t)
  if (partition === odd) return slab.odd.get(at) as Kept<unknown> // as: keepOdd wrote it
  const step = numbers[at + STEP] as number
  const path = step === -1 ? noPath : [step]
  return { v: numbers[at + VALUE] as number, t, partition: slab.partitionOf(partition), position: [numbers[at + OFFSET] as number], path }
}

const keepOdd = (slab: Slab, at: number, kept: Kept<unknown>): void => {
  slab.numbers[at] = kept.t
  slab.numbers[at + PARTITION] = odd
  slab.odd.set(at, kept)
}

/** @returns whether it could be kept so */
const keepNumbers = (slab: Slab, at: number, v: unknown, t: number, offset: number, step: number, partition: string): boolean => {
  if (typeof v !== 'number' || offset !== offset || step !== step) return false
  const { numbers } = slab
  if (numbers[at + PARTITION] === odd) slab.odd.delete(at)
  numbers[at] = t
  // + 0: -0 becomes 0 in a checkpoint; let it be 0 at once.
  numbers[at + VALUE] = v + 0
  numbers[at + OFFSET] = offset
  numbers[at + STEP] = step
  numbers[at + PARTITION] = slab.numberOf(partition)
  return true
}

const keepElement = (slab: Slab, at: number, v: unknown, element: PlacedElement): void => {
  const { eventTimeMillis: t, offset, step, partition } = element
  if (keepNumbers(slab, at, v, t, offset, step, partition)) return
  const kept = nothingKept(t)
  keep(kept, v, element)
  keepOdd(slab, at, kept)
}

const create = ({ numbers }: Slab, at: number, worst: number): void => {
  numbers[at] = worst
  numbers[at + PARTITION] = empty
}

const write = (slab: Slab, at: number, kept: Kept<unknown>): void => {
  if (kept.path === null) create(slab, at, kept.t)
  else if (!keepNumbers(slab, at, kept.v, kept.t, offsetOf(kept.position), stepOf(kept.path), kept.partition)) keepOdd(slab, at, kept)
}

/** The first element so far. */
export const firstColumn: ColumnForm<Kept<unknown>, unknown> = {
  slots: 5,
  create: (slab, at) => create(slab, at, Infinity),
  apply: (slab, at, taken, element) => {
    const t = element.eventTimeMillis
    const best = slab.numbers[at] as number // as: a slot of the slab
    if (t < best || (t === best && compareTied(element, readKept(slab, at), -1) < 0)) keepElement(slab, at, taken, element)
  },
  read: readKept,
  write,
}

/** The last element so far. */
export const lastColumn: ColumnForm<Kept<unknown>, unknown> = {
  slots: 5,
  create: (slab, at) => create(slab, at, -Infinity),
  apply: (slab, at, taken, element) => {
    const t = element.eventTimeMillis
    const best = slab.numbers[at] as number // as: a slot of the slab
    if (t > best || (t === best && compareTied(element, readKept(slab, at), 1) > 0)) keepElement(slab, at, taken, element)
  },
  read: readKept,
  write,
}

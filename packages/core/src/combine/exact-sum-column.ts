import { addTo, type ExactSum } from './exact-sum.js'
import type { ColumnForm, Slab } from './slab.js'

/** The sum that begins at slot `at`. */
export const readSum = (slab: Slab, at: number): ExactSum => ({
  hi: slab.numbers[at] as number, // as: slots of the slab, here and below
  lo: slab.numbers[at + 1] as number,
  rest: slab.odd.size === 0 ? null : ((slab.odd.get(at) as ExactSum['rest'] | undefined) ?? null), // as: only writeSum writes there
})

/** Puts a sum there. */
export const writeSum = (slab: Slab, at: number, { hi, lo, rest }: ExactSum): void => {
  slab.numbers[at] = hi
  slab.numbers[at + 1] = lo
  if (rest !== null) slab.odd.set(at, rest)
  else if (slab.odd.size > 0) slab.odd.delete(at)
}

/** Puts the sum of nothing there; what was beside the slab is gone by then. */
export const createSum = ({ numbers }: Slab, at: number): void => {
  numbers[at] = 0
  numbers[at + 1] = 0
}

/** As `addTo`, whose words explain it. Written again, since what both could share would have two numbers to give back. */
export const addToColumn = (slab: Slab, at: number, x: number): void => {
  const { numbers } = slab
  const hi = numbers[at] as number // as: slots of the slab, here and below
  const lo = numbers[at + 1] as number
  const s = hi + x
  const b = s - hi
  const error = hi - (s - b) + (x - b)
  const t = lo + error
  const c = t - lo
  if (lo - (t - c) + (error - c) !== 0) return writeSum(slab, at, addTo(readSum(slab, at), x))
  numbers[at] = s
  numbers[at + 1] = t
}

/** `hi` and `lo`; what does not fit into these is beside the slab. */
export const sumColumn: ColumnForm<ExactSum, number> = { slots: 2, create: createSum, apply: addToColumn, read: readSum, write: writeSum }

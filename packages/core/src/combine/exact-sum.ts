import { nearestDouble, unitsOf } from './exact-integer.js'

/**
 * An exact sum of doubles: `hi + lo + Σ small + 2^600 · Σ big`, each term a double, nothing rounded away. Numbers of
 * like size need `hi` and `lo` only (106 bits), and adding to those allocates nothing. Infinities and NaN live in
 * `hi` alone.
 * @public
 */
export interface ExactSum {
  hi: number
  lo: number
  rest: { small: number[]; big: number[] } | null
}

// From here on sums could overflow on the way: such terms are kept 2^600 times smaller, which is exact since their
// last bit is worth at least 2^918. (lo cannot overflow: each addition changes it by 2^970 at most.)
const BIG = 2 ** 970
const DOWN = 2 ** -600

/** The sum of nothing. */
export const emptySum = (): ExactSum => ({ hi: 0, lo: 0, rest: null })

// Shewchuk's grow-expansion: the partials stay exact, few, and ascending in size.
const grow = (partials: number[], term: number): void => {
  let x = term
  let kept = 0
  for (let i = 0; i < partials.length; i++) {
    const y = partials[i] as number // i is below the length
    const s = x + y
    const b = s - x
    const error = x - (s - b) + (y - b)
    if (error !== 0) partials[kept++] = error
    x = s
  }
  partials[kept++] = x
  partials.length = kept
}

// Sticky and the same in every order: one infinity stays, both or a NaN make NaN.
const poison = (sum: ExactSum, x: number): ExactSum => {
  sum.hi = Number.isFinite(sum.hi) ? x : Number.isFinite(x) ? sum.hi : sum.hi + x
  sum.lo = 0
  sum.rest = null
  return sum
}

const spill = (sum: ExactSum, x: number): ExactSum => {
  if (!Number.isFinite(x) || !Number.isFinite(sum.hi)) return poison(sum, x)
  const rest = (sum.rest ??= { small: [], big: [] })
  if (Math.abs(sum.hi) >= BIG) {
    grow(rest.big, sum.hi * DOWN)
    sum.hi = 0
  }
  if (Math.abs(x) >= BIG) grow(rest.big, x * DOWN)
  else grow(rest.small, lowerTerms(sum, x))
  return sum
}

// As the fast path below, for terms that cannot overflow: gives what did not fit.
const lowerTerms = (sum: ExactSum, x: number): number => {
  const { hi, lo } = sum
  const s = hi + x
  const b = s - hi
  const error = hi - (s - b) + (x - b)
  const t = lo + error
  const c = t - lo
  sum.hi = s
  sum.lo = t
  return lo - (t - c) + (error - c)
}

/** Adds in place. Any double, in any order, gives the same exact sum. */
export const addTo = (sum: ExactSum, x: number): ExactSum => {
  const { hi, lo } = sum
  const s = hi + x
  const b = s - hi
  // What rounding took from s, exactly (Knuth's TwoSum); then the same for lo. An overflow or a NaN ends as NaN, not
  // as 0.
  const error = hi - (s - b) + (x - b)
  const t = lo + error
  const c = t - lo
  if (lo - (t - c) + (error - c) !== 0) return spill(sum, x)
  sum.hi = s
  sum.lo = t
  return sum
}

/** Adds `other` to `sum`, in place; `other` is left as it is. */
export const addSum = (sum: ExactSum, other: ExactSum): ExactSum => {
  addTo(sum, other.hi)
  addTo(sum, other.lo)
  if (other.rest === null) return sum
  for (const term of other.rest.small) addTo(sum, term)
  if (other.rest.big.length === 0 || !Number.isFinite(sum.hi)) return sum
  const { big } = (sum.rest ??= { small: [], big: [] })
  for (const term of other.rest.big) grow(big, term)
  return sum
}

/** The exact sum in units of 2^-1074. Only for finite terms. */
export const unitsOfSum = ({ hi, lo, rest }: ExactSum): bigint => {
  let units = unitsOf(hi) + unitsOf(lo)
  for (const term of rest?.small ?? []) units += unitsOf(term)
  for (const term of rest?.big ?? []) units += unitsOf(term) << 600n
  return units
}

/** The double nearest to the exact sum (ties to even); ±Infinity only if that is beyond the range of doubles. */
export const roundSum = (sum: ExactSum): number => {
  if (sum.rest === null || !Number.isFinite(sum.hi)) return sum.hi + sum.lo
  return nearestDouble(unitsOfSum(sum))
}

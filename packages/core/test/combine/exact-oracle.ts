// Exact sums by whole numbers, written as differently from the code under test as can be: decoding by doubling,
// rounding by a search among all doubles.

const UNITS_PER_ONE = 1n << 1074n

/** A finite double as a whole number of 2^-1074. */
export const exact = (x: number): bigint => {
  let whole = x
  let doublings = 0n
  while (!Number.isInteger(whole)) {
    whole *= 2
    doublings++
  }
  return (BigInt(whole) * UNITS_PER_ONE) >> doublings
}

const words = new DataView(new ArrayBuffer(8))
const nonNegative = (index: bigint): number => {
  words.setBigInt64(0, index)
  return words.getFloat64(0)
}

const MAX_INDEX = 0x7fef_ffff_ffff_ffffn
const BEYOND = exact(2 ** 1023) * 2n

const valueAt = (index: bigint): bigint => (index > MAX_INDEX ? BEYOND : exact(nonNegative(index)))

/** The double nearest to numerator / denominator units, ties to even. */
export const nearest = (numerator: bigint, denominator = 1n): number => {
  const magnitude = numerator < 0n ? -numerator : numerator
  let low = 0n
  let high = MAX_INDEX + 1n
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (valueAt(middle) * denominator <= magnitude) low = middle
    else high = middle - 1n
  }
  if (low > MAX_INDEX) return numerator < 0n ? -Infinity : Infinity
  const below = magnitude - valueAt(low) * denominator
  const above = valueAt(low + 1n) * denominator - magnitude
  const up = above < below || (above === below && low % 2n === 1n)
  const index = up ? low + 1n : low
  const rounded = index > MAX_INDEX ? Infinity : nonNegative(index)
  return numerator < 0n ? -rounded + 0 : rounded
}

/** What the sum of these must be, infinities and NaN included. */
export const expectedSum = (numbers: readonly number[]): number => {
  const special = numbers.filter((x) => !Number.isFinite(x))
  if (special.length > 0) return special.every((x) => x === special[0]) ? (special[0] as number) : NaN // at least one
  return nearest(numbers.reduce((sum, x) => sum + exact(x), 0n))
}

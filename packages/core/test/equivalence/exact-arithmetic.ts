// Sums of doubles by whole numbers: slow, and with nothing in common with the library's way.

const units = 1_074n

/** A finite double as a whole number of 2^−1074, the least double. */
const toUnits = (x: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xfffffffffffffn
  const size = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n)
  return x < 0 ? -size : size
}

const halfToEven = (n: bigint, shift: bigint): bigint => {
  const [kept, rest, half] = [n >> shift, n & ((1n << shift) - 1n), 1n << (shift - 1n)]
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept
}

/** The double nearest to a whole number of 2^−1074. */
const fromUnits = (n: bigint): number => {
  if (n < 0n) return -fromUnits(-n)
  const shift = BigInt(Math.max(0, n.toString(2).length - 53))
  const significand = shift === 0n ? n : halfToEven(n, shift)
  // In two steps: 2^−1074 times the significand is exact, and so is each doubling that does not overflow.
  const exponent = Number(shift) - Number(units)
  return Number(significand) * 2 ** Math.max(exponent, -1_074) === 0
    ? 0
    : exponent > 971
      ? Number.POSITIVE_INFINITY
      : Number(significand) * 2 ** exponent
}

/** The sum as if it were made with all digits and rounded once; infinities and NaN as IEEE 754 has them. */
export const exactSum = (numbers: readonly number[]): number => {
  const odd = numbers.filter((x) => !Number.isFinite(x))
  if (odd.length > 0) return odd.reduce((a, b) => a + b)
  return fromUnits(numbers.reduce((sum, x) => sum + toUnits(x), 0n))
}

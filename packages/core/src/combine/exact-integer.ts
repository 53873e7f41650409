// Finite doubles as whole numbers of 2^-1074, the least double: there every sum and comparison is exact.
const UNIT = Number.MIN_VALUE
const KEPT_BITS = 64
const scratch = new DataView(new ArrayBuffer(8))

/** @param x finite */
export const unitsOf = (x: number): bigint => {
  scratch.setFloat64(0, x)
  const bits = scratch.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10_0000_0000_0000n) << (exponent - 1n)
  return bits >> 63n === 0n ? magnitude : -magnitude
}

// By its bits: `**` is not promised to be exact.
const powerOfTwo = (exponent: number): number => {
  if (exponent > 1023) return Infinity
  scratch.setBigUint64(0, BigInt(exponent + 1023) << 52n)
  return scratch.getFloat64(0)
}

/**
 * The double nearest to `units` (ties to even), ±Infinity beyond the range.
 * @param inexact the true value lies strictly between `units` and the next whole number away from zero; only for
 * `units` of more than 64 bits
 */
export const nearestDouble = (units: bigint, inexact = false): number => {
  const magnitude = units < 0n ? -units : units
  const excess = magnitude.toString(16).length * 4 - KEPT_BITS
  const sign = units < 0n ? -1 : 1
  const kept = magnitude >> BigInt(excess)
  const sticky = inexact || kept << BigInt(excess) !== magnitude ? 1n : 0n
  // Number(bigint) rounds to nearest, ties to even: with the lost bits as one low bit below the 53, it rounds the
  // whole.
  const rounded = Number(kept | sticky)
  const exponent = excess - 1074
  return exponent < -1022 ? sign * rounded * powerOfTwo(excess) * UNIT : sign * rounded * powerOfTwo(exponent)
}

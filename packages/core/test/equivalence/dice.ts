import { seededRandom } from '#src/testing/seeded-random.js'

/** Decisions that are the same for the same seed. */
export class Dice {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995)
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1))
  }

  /** True once in `n` on average. */
  oneIn(n: number): boolean {
    return this.#random() * n < 1
  }

  pick<T>(from: readonly T[]): T {
    // as: the index is below the length, and there is at least one to pick from
    return from[this.int(0, from.length - 1)] as T
  }

  list<T>(length: number, make: (index: number) => T): T[] {
    return Array.from({ length }, (_, index) => make(index))
  }
}

/** A number from 0 to 2^32 − 1 that looks random but depends on nothing else. */
export const mix = (value: unknown, salt: number): number => {
  const text = String(value)
  let hash = Math.imul(salt + 1, 0x85ebca6b)
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

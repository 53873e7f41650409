import fc from 'fast-check'
import { pack, unpack } from 'msgpackr'
import type { Combine, Envelope } from '@millrace/core'

/** An element that only has a value; the rest is as of one partition, numbered. */
export const element = <A>(value: A, number = 0): Envelope<A> => ({
  value,
  origin: { source: 'test', partition: 'p', position: [number] },
  path: [],
  eventTimeMillis: 0,
  bornUnderMillis: -Infinity,
  receivedAtMillis: 0,
  attributes: undefined,
})

// Marsaglia's xorshift: one seed gives one way through, so that fast-check can repeat it.
const dice = (seed: number): ((sides: number) => number) => {
  let state = seed | 1
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}

const shuffled = <A>(items: readonly A[], roll: (sides: number) => number): readonly A[] => {
  const left = [...items]
  return items.map(() => left.splice(roll(left.length), 1)[0] as A) // as many as there are items
}

// What happens to an accumulator in a checkpoint or on its way to another worker.
const copies: readonly (<Acc>(acc: Acc) => Acc)[] = [
  (acc) => acc,
  (acc) => acc,
  (acc) => structuredClone(acc),
  (acc) => unpack(pack(acc)),
]

/**
 * Adds the elements in some order to some accumulators, merges these in some order, and sends them through copies on
 * the way: all by the seed.
 */
export const foldInSomeOrder = <A, Acc, B>(
  combine: Combine<A, Acc, B>,
  elements: readonly Envelope<A>[],
  seed: number,
): B => {
  const roll = dice(seed)
  const pool: Acc[] = Array.from({ length: 1 + roll(4) }, () => combine.create())
  const pick = (): number => roll(pool.length)
  const copy = (acc: Acc): Acc => (copies[roll(copies.length)] as (acc: Acc) => Acc)(acc) // below the length
  for (const each of shuffled(elements, roll)) {
    const i = pick()
    pool[i] = combine.add(copy(pool[i] as Acc), each)
    if (roll(5) === 0) pool.push(combine.create())
  }
  while (pool.length > 1) {
    const a = pool.splice(pick(), 1)[0] as Acc // there are at least two
    const i = pick()
    pool[i] = combine.merge(copy(a), copy(pool[i] as Acc))
  }
  return combine.extract(pool[0] as Acc) // one is left
}

export const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 })

const plain = fc.integer({ min: -1_000_000, max: 1_000_000 })
const cents = plain.map((x) => x / 100)
const edges = fc.constantFrom(
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1e308,
  -1e308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 970,
  -(2 ** 970),
  2 ** 53,
  0.1,
)
const bits = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((pattern) => new DataView(BigUint64Array.of(pattern).buffer).getFloat64(0, true))
const finiteBits = bits.filter((x) => Number.isFinite(x))
const halfUlps = fc.tuple(fc.integer({ min: -60, max: 60 }), fc.constantFrom(1, -1)).map(([e, sign]) => sign * 2 ** e)

/** Numbers that make sums hard: of all sizes, cancelling, on ties, subnormal, huge. */
export const finiteNumbers = fc.oneof(
  fc.array(plain),
  fc.array(cents),
  fc.array(fc.oneof(edges, halfUlps, cents)),
  fc.array(fc.oneof(finiteBits, edges)),
  // Nearly all of it cancels: what is left are the low terms.
  fc
    .array(fc.oneof(finiteBits, halfUlps))
    .chain((xs) => fc.shuffledSubarray([...xs, ...xs.map((x) => -x)], { minLength: Math.max(0, 2 * xs.length - 2) })),
)

/** Now and then an infinity or a NaN. */
export const numbers = fc.oneof(
  { weight: 3, arbitrary: finiteNumbers },
  { weight: 1, arbitrary: fc.array(fc.oneof(fc.constantFrom(Infinity, -Infinity, NaN), edges, bits)) },
)

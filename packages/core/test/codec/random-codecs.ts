import * as t from 'io-ts'

/** Seeded: the same numbers in [0, 1) on every run (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const NumberFromString = new t.Type<number>('NumberFromString', t.number.is, (u, c) => (typeof u === 'string' && u !== '' && Number.isFinite(Number(u)) ? t.success(Number(u)) : t.failure(u, c)), t.identity)
const Defaulted = new t.Type<number>('Defaulted', t.number.is, (u, c) => (u === undefined ? t.success(7) : t.number.validate(u, c)), t.identity)

/** A clone with the `_tag` and fields of a stock codec and another `validate`, as withFallback makes it. */
const withFallback = (codec: t.Any): t.Any => {
  const validate: t.Validate<unknown, unknown> = (u, c) => {
    const e = codec.validate(u, c)
    return e._tag === 'Right' ? e : t.success({ a: 0 })
  }
  return Object.assign(Object.create(Object.getPrototypeOf(codec)), codec, { validate, decode: (u: unknown) => validate(u, []) })
}

const opaque: readonly t.Any[] = [NumberFromString, Defaulted, withFallback(t.string), withFallback(t.type({ a: t.number })), t.string.pipe(t.string)]
const throwing = (name: string, inner: t.Any, when: (u: unknown) => boolean): t.Any =>
  t.refinement(inner, (u) => { if (when(u)) throw new Error(name); return true }, name)

const leaves: readonly t.Any[] = [
  t.string, t.string, t.number, t.number, t.boolean, t.null, t.undefined, t.void, t.unknown, t.bigint, t.never as unknown as t.Any, // it encodes nothing
 
  t.UnknownArray, t.UnknownRecord, t.literal('a'), t.literal('b'), t.literal(1), t.literal(0), t.literal(-0), t.literal(true),
  t.keyof({ a: null, b: null }), t.Int,
  t.refinement(t.number, (n) => n > 0, 'Positive'), t.refinement(t.string, (s) => s.length > 0, 'NonEmpty'),
  t.refinement(t.unknown, (u) => u !== null, 'NotNull'),
  throwing('ThrowsOnUndefined', t.unknown, (u) => u === undefined), throwing('ThrowsOnB', t.string, (u) => u === 'b'), throwing('ThrowsOnZero', t.number, (u) => u === 0),
]
const KEYS = ['a', 'b', 'c', 'x-y', 'toString', 'k'] as const
const domains: readonly t.Any[] = [t.string, t.string, t.keyof({ a: null, b: null }), t.literal('a'), t.union([t.literal('a'), t.literal('b')]), t.refinement(t.string, (s) => s.length === 1, 'Char'), t.unknown]

/** Makes random codecs of every make that the guard knows, and some that it must leave to io-ts. */
export class RandomCodecs {
  constructor(readonly random: () => number, readonly opaqueShare: number) {}

  below(n: number): number {
    return Math.floor(this.random() * n)
  }

  pick<A>(from: readonly A[]): A {
    return from[this.below(from.length)] as A // below its length
  }

  codec(depth: number): t.Any {
    try {
      return this.make(depth)
    } catch {
      // io-ts looks tags up in plain objects, and falls over a property `toString`.
      return this.pick(leaves)
    }
  }

  private make(depth: number): t.Any {
    if (this.random() < this.opaqueShare) return this.pick(opaque)
    if (depth === 0) return this.pick(leaves)
    switch (this.below(16)) {
      case 0: case 1: return t.type(this.props(depth))
      case 2: return t.partial(this.props(depth))
      case 3: case 4: return t.intersection([t.type(this.props(depth)), t.partial(this.props(depth))])
      case 5: return t.array(this.codec(depth - 1))
      case 6: return t.record(this.pick(domains), this.codec(depth - 1))
      case 7: case 8: return this.union(depth)
      case 9: return t.strict(this.props(depth))
      case 10: return t.tuple(Array.from({ length: this.below(3) }, () => this.codec(depth - 1)) as unknown as [t.Any]) // any length will do
      case 11: return this.pick([t.readonly, t.readonlyArray])(this.codec(depth - 1))
      case 12: return t.exact(this.objects(depth) as t.HasProps) // objects all have props
      case 13: return t.intersection([this.codec(depth - 1), this.codec(depth - 1)])
      case 14: return t.refinement(this.codec(depth - 1), this.pick([() => true, (u: unknown) => Object.keys(Object(u)).length < 3]), 'Refined')
      default: return this.tagged(depth)
    }
  }

  private props(depth: number): Record<string, t.Any> {
    return Object.fromEntries(Array.from({ length: this.below(4) }, () => [this.pick(KEYS), this.codec(depth - 1)]))
  }

  private union(depth: number): t.Any {
    const members = Array.from({ length: 2 + this.below(2) }, () => this.codec(depth - 1))
    return t.union(members as [t.Any, t.Any]) // at least two
  }

  private tagged(depth: number): t.Any {
    const member = (literal: string | number): t.Any => {
      const object = t.type({ ...this.props(depth), k: t.literal(literal) })
      return this.pick([object, t.exact(object), t.intersection([t.partial(this.props(depth)), object]), t.refinement(object, () => true)])
    }
    return t.union([member('a'), member('b'), member(0)])
  }

  private objects(depth: number): t.Any {
    const object = t.type(this.props(depth))
    const more = this.pick([t.partial(this.props(depth)), t.strict(this.props(depth)), t.type(this.props(depth))])
    return this.pick([object, t.partial(this.props(depth)), t.intersection([object, more]), t.readonly(t.intersection([object, more])), t.refinement(object, () => true)])
  }
}

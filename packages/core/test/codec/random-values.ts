import type * as t from 'io-ts'
import { type CodecShape, shapeOf } from '#src/codec/codec-shape.js'
import type { RandomCodecs } from './random-codecs.js'

class List extends Array<unknown> {}
class Point { readonly a = 1; readonly b = 'b' }

/** What JSON never holds, and what breaks naive guards (but for the hidden fields that a guard says it does not see). Made anew each time: some get changed. */
const oddities: readonly (() => unknown)[] = [
  () => NaN, () => -0, () => undefined, () => 1n, () => Symbol('s'), () => () => 1, () => new Date(0), () => new Map(), () => new Point(),
  () => Object.assign(Object.create(null), { a: 1, k: 'a' }), () => Object.create({ a: 1, b: 'b', k: 'a' }),
  () => JSON.parse('{"a": 1, "k": "a", "__proto__": {"b": 1}}'), () => Object.assign(JSON.parse('{"__proto__": {"b": 1}}'), { a: NaN, b: NaN }),
  () => ({ a: 1, [Symbol('s')]: 1 }),
  () => [, 1], () => [1, , 'a'], () => Object.assign([1], { extra: 1 }), () => List.from([1, 'a']), () => Object.setPrototypeOf([1], Object.prototype),
  () => new Proxy({ a: 1, b: 'b', k: 'a' }, {}), () => new Proxy([1], {}), () => ({ get a() { return 1 }, k: 'b' }),
  () => new String('a'), () => new Number(1), () => Uint8Array.of(1), () => Object.setPrototypeOf(new Point(), Object.prototype),
]
const plain: readonly unknown[] = ['a', '', 'b', '12', 0, 1, -1, 1.5, true, false, null, undefined, NaN]

/** Makes values at random, some from a codec so that they should fit, some of them then damaged. */
export class RandomValues {
  constructor(private readonly from: RandomCodecs) {}

  valueFor(codec: t.Any): unknown {
    const luck = this.from.random()
    if (luck < 0.15) return this.any(3)
    const value = this.fit(shapeOf(codec), 6)
    return luck < 0.55 ? value : this.damaged(value)
  }

  private any(depth: number): unknown {
    const { from } = this
    if (from.random() < 0.1) return from.pick(oddities)()
    if (depth === 0) return from.pick(plain)
    if (from.random() < 0.3) return Array.from({ length: from.below(3) }, () => this.any(depth - 1))
    return from.random() < 0.6 ? this.object(['a', 'b', 'c', 'x-y', 'k', 'z'], 0.45, () => this.any(depth - 1)) : from.pick(plain)
  }

  private object(keys: readonly string[], chance: number, value: (key: string) => unknown): Record<string, unknown> {
    return Object.fromEntries(keys.filter(() => this.from.random() < chance).map((key) => [key, value(key)]))
  }

  /** One place of it, at any depth, is made odd. */
  private damaged(value: unknown): unknown {
    const { from } = this
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || from.random() < 0.25) return from.pick(from.random() < 0.5 ? oddities : plain.map((x) => () => x))()
    const holder = value as Record<string, unknown> // as any object
    const keys = Object.keys(holder)
    const key = from.random() < 0.2 || keys.length === 0 ? from.pick(['z', 'a', '0', '__proto__']) : from.pick(keys)
    if (from.random() < 0.1) Reflect.deleteProperty(holder, key)
    else Reflect.defineProperty(holder, key, { value: this.damaged(Object.hasOwn(holder, key) ? holder[key] : undefined), enumerable: true, configurable: true, writable: true })
    return holder
  }

  private fit(codec: CodecShape, depth: number): unknown {
    const { from } = this
    const parts = (types: readonly CodecShape[] = []): unknown[] => types.map((type) => this.fit(type, depth - 1))
    if (depth < 0) return undefined
    switch (codec._tag) {
      case 'StringType': return from.pick(['a', 'b', '12', ''])
      case 'NumberType': return from.pick([1, 2, 0, 3.5])
      case 'BooleanType': return from.random() < 0.5
      case 'NullType': return null
      case 'BigIntType': return 1n
      case 'UndefinedType': case 'VoidType': return undefined
      case 'LiteralType': return codec.value
      case 'KeyofType': return from.pick(['a', 'b'])
      case 'AnyArrayType': return [1]
      case 'AnyDictionaryType': return { q: 1 }
      case 'ArrayType': case 'ReadonlyArrayType': return parts(Array.from({ length: from.below(3) }, () => codec.type as CodecShape)) // has a type
      case 'InterfaceType': return this.props(codec, 1, depth)
      case 'PartialType': return this.props(codec, 0.6, depth)
      case 'IntersectionType': return this.both(parts(codec.types))
      case 'TupleType': return parts(codec.types)
      case 'UnionType': return this.fit(from.pick(codec.types ?? [codec]), depth - 1)
      case 'DictionaryType': return this.object(['a', 'b', 'k2'], 0.8, () => this.fit(codec.codomain ?? codec, depth - 1))
      default: return codec.type === undefined ? this.any(1) : this.fit(codec.type, depth - 1)
    }
  }

  private props({ props = {} }: CodecShape, chance: number, depth: number): unknown {
    const object = this.object(Object.keys(props), chance, (key) => this.fit(props[key] as CodecShape, depth - 1)) // one of its keys
    return this.from.random() < 0.1 ? { ...object, z: 1 } : object
  }

  private both(parts: readonly unknown[]): unknown {
    return parts.every((part) => typeof part === 'object' && part !== null) ? Object.assign({}, ...parts) : parts[0]
  }
}

import { type CodecShape } from './codec-shape.js'
import { Kind, type Checks, type Plan, type PropPlan, type Primitive } from './guard-plan.js'
import { originOf, type Origin } from './guard-pristine.js'

/** The plan of a codec, or why there is none: each part that only io-ts itself can judge, as `place: name (why)`. */
export interface Analysis {
  readonly plan: Plan | undefined
  readonly opaque: readonly string[]
}

/**
 * Reads the plan off a codec's structure. One opaque part anywhere leaves the whole codec to io-ts: inside `t.partial`,
 * say, a codec that turns `undefined` into a value changes the result though the property is absent.
 */
export const analyse = (codec: CodecShape): Analysis => {
  const analyst = new Analyst()
  const plan = analyst.plan(codec, '')
  return { plan: analyst.opaque.length === 0 ? plan : undefined, opaque: analyst.opaque }
}

const PRIMITIVES: Readonly<Record<string, readonly [op: Primitive, kinds: number]>> = {
  NullType: ['null', Kind.null],
  UndefinedType: ['undefined', Kind.undefined],
  VoidType: ['undefined', Kind.undefined],
  UnknownType: ['unknown', Kind.any],
  NeverType: ['never', 0],
  StringType: ['string', Kind.string],
  NumberType: ['number', Kind.number],
  BigIntType: ['bigint', Kind.bigint],
  BooleanType: ['boolean', Kind.boolean],
  AnyArrayType: ['anyArray', Kind.array],
  AnyDictionaryType: ['anyRecord', Kind.record],
}

/** Stands for what is opaque; the plan it gets into is thrown away. */
const NEVER: Plan = { op: 'never', kinds: 0, predicated: false }

class Analyst {
  readonly opaque: string[] = []

  plan(codec: CodecShape, place: string): Plan {
    const origin = originOf(codec)
    if (codec._tag === 'RecursiveType') return this.#refuse(codec, place, 'recursive')
    if (origin === 'foreign') return this.#refuse(codec, place, 'not a stock codec of io-ts')
    const primitive = PRIMITIVES[codec._tag ?? '']
    if (primitive !== undefined) return { op: primitive[0], kinds: primitive[1], predicated: false }
    return this.#compound(codec, place, origin) ?? this.#refuse(codec, place, `${codec._tag} is not compiled`)
  }

  #compound(codec: CodecShape, place: string, origin: Origin): Plan | undefined {
    switch (codec._tag) {
      case 'LiteralType':
        return literal(codec.value)
      case 'KeyofType':
        return codec.keys && { op: 'keyof', keys: codec.keys, kinds: Kind.string, predicated: false }
      case 'ReadonlyType':
        return codec.type && this.plan(codec.type, place)
      case 'RefinementType':
        return this.#refinement(codec, place)
      case 'ArrayType':
      case 'ReadonlyArrayType':
        return codec.type && arrayOf(this.plan(codec.type, `${place}[]`))
      case 'InterfaceType':
      case 'PartialType':
        return codec.props && this.#object(codec.props, codec._tag === 'PartialType', place)
      case 'DictionaryType':
        return origin === 'enumerable record' ? this.#enumerableRecord(codec, place) : this.#record(codec, place)
      case 'ExactType':
        return this.#exact(codec, place)
      default:
        return codec.types && this.#several(codec._tag, this.#plans(codec.types, place), origin)
    }
  }

  #refinement(codec: CodecShape, place: string): Plan | undefined {
    if (codec.type === undefined || codec.predicate === undefined) return undefined
    const inner = this.plan(codec.type, place)
    return { op: 'refinement', inner, predicate: codec.predicate, kinds: inner.kinds, predicated: true }
  }

  #object(props: Readonly<Record<string, CodecShape>>, optional: boolean, place: string): Plan {
    const plans = Object.entries(props).map(([key, codec]): PropPlan => {
      const at = `${place}.${key}`
      // Reading __proto__ gives the prototype and writing it sets that: io-ts's ways with it are not worth copying.
      if (key !== '__proto__') return { key, plan: this.plan(codec, at), optional }
      return { key, plan: this.#refuse(codec, at, 'a property of this name is not compiled'), optional }
    })
    return { op: 'object', props: plans, kinds: Kind.record, predicated: plans.some((prop) => prop.plan.predicated) }
  }

  #record(codec: CodecShape, place: string): Plan | undefined {
    if (codec.domain === undefined || codec.codomain === undefined) return undefined
    const domain = this.plan(codec.domain, `${place}{key}`)
    const codomain = this.plan(codec.codomain, `${place}{}`)
    return { op: 'record', domain, codomain, kinds: Kind.record, predicated: domain.predicated || codomain.predicated }
  }

  /** `t.record` of a finite set of keys is, inside io-ts, `t.strict` of these. */
  #enumerableRecord({ domain, codomain }: CodecShape, place: string): Plan | undefined {
    const keys = domain && domainKeys(domain)
    if (keys === undefined || codomain === undefined) return undefined
    return exactly(this.#object(Object.fromEntries(keys.map((key) => [key, codomain])), false, place), keys)
  }

  #exact(codec: CodecShape, place: string): Plan | undefined {
    const props = codec.type && keptProps(codec.type)
    return codec.type && props && exactly(this.plan(codec.type, place), Object.keys(props))
  }

  #plans(codecs: readonly CodecShape[], place: string): Plan[] {
    return codecs.map((codec) => this.plan(codec, place))
  }

  #several(tag: string | undefined, members: readonly Plan[], origin: Origin): Plan | undefined {
    const predicated = members.some((member) => member.predicated)
    const kinds = members.reduce((all, member) => all | member.kinds, 0)
    switch (tag) {
      case 'UnionType':
        return { op: 'union', members, tagged: origin === 'tagged union', kinds, predicated }
      case 'IntersectionType':
        return { op: 'intersection', members, kinds: members.length === 0 ? Kind.any : kinds, predicated }
      case 'TupleType':
        return { op: 'tuple', items: members, kinds: Kind.array, predicated }
      default:
        return undefined
    }
  }

  #refuse(codec: CodecShape, place: string, why: string): Plan {
    this.opaque.push(`${place === '' ? '' : `${place}: `}${codec.name} (${why})`)
    return NEVER
  }
}

const literal = (value: unknown): Plan | undefined => {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return { op: 'literal', value, kinds: literalKind(value), predicated: false }
    default:
      return undefined
  }
}

const literalKind = (value: string | number | boolean): number =>
  typeof value === 'string' ? Kind.string : typeof value === 'number' ? Kind.number : Kind.boolean

const arrayOf = (item: Plan): Plan => ({ op: 'array', item, kinds: Kind.array, predicated: item.predicated })

const exactly = (inner: Plan, keys: readonly string[]): Checks & Plan =>
  ({ op: 'exact', inner, keys, kinds: Kind.record, predicated: inner.predicated })

/** The properties that `t.exact` keeps: io-ts's `getProps`, which does not look into an exact codec or a union. */
const keptProps = (codec: CodecShape): object | undefined => {
  switch (codec._tag) {
    case 'RefinementType':
    case 'ReadonlyType':
      return codec.type && keptProps(codec.type)
    case 'InterfaceType':
    case 'PartialType':
      return codec.props
    case 'IntersectionType':
      return codec.types?.reduce<object>((props, type) => Object.assign(props, keptProps(type)), {})
    default:
      return undefined
  }
}

/** The keys of a record over a finite set of them: io-ts's `getDomainKeys`. */
const domainKeys = (domain: CodecShape): string[] | undefined => {
  switch (domain._tag) {
    case 'LiteralType':
      return typeof domain.value === 'string' ? [domain.value] : undefined
    case 'KeyofType':
      return Object.keys(domain.keys ?? {})
    case 'UnionType': {
      const keys = domain.types?.map(domainKeys)
      return keys?.every((some) => some !== undefined) ? [...new Set(keys.flat())] : undefined
    }
    default:
      return undefined
  }
}

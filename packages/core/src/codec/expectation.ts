import type * as t from 'io-ts'
import { type CodecShape, shapeOf, unwrapped } from './codec-shape.js'
import type { Steps } from './decode-steps.js'

/** What was expected of which value. */
export interface Expectation {
  readonly expected: string
  readonly value: unknown
  /** Set if a union is decided by one property, and that fits no member: the fault is there, one step deeper. */
  readonly deciding?: { readonly holder: object; readonly key: string }
}

/** Generated names list all properties of a codec. */
const MAX_NAME_LENGTH = 120

/**
 * @param place - the last entry of `steps` that goes into a part of the value; what follows are only more codecs for it
 */
export const expectation = (steps: Steps, place: t.ContextEntry | undefined): Expectation => {
  const last = steps.at(-1)
  if (place === undefined || last === undefined) return { expected: 'something else', value: undefined }
  const [outer, inner] = [shapeOf(place.type), shapeOf(last.type)]
  const value = place.actual
  if (!isRecord(value)) return { expected: isObjectCodec(outer) ? anObject(outer) : nameOf(inner), value }
  const { tag, types } = unwrapped(inner)
  if (tag === undefined) return { expected: nameOf(inner), value }
  const names = new Set((types ?? []).flatMap((type) => literalsAt(type, tag)))
  const decides = (value as Readonly<Record<string, unknown>>)[tag] // read as io-ts read it
  return { expected: shortened([...names].join(' | ')), value: decides, deciding: { holder: value, key: tag } }
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isObjectCodec = (codec: CodecShape): boolean => {
  const { _tag, types } = unwrapped(codec)
  if (_tag === 'IntersectionType') return types?.some(isObjectCodec) ?? false
  return _tag === 'InterfaceType' || _tag === 'PartialType' || _tag === 'DictionaryType' || _tag === 'AnyDictionaryType'
}

/** A brace, or the name that io-ts gives `t.UnknownRecord`, says that nobody named this codec. */
const anObject = ({ name }: CodecShape): string =>
  name.includes('{') || name === 'UnknownRecord' ? 'an object' : `${shortened(name)} (an object)`

/** A union without a name of its own is called `(A | B)`: the parentheses are for nesting. */
const nameOf = ({ name, types }: CodecShape): string => {
  const members = types?.map((type) => type.name).join(' | ')
  return shortened(name === `(${members})` ? name.slice(1, -1) : name)
}

/** A name in as much of a message as it may take. */
export const shortened = (name: string): string =>
  name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name

/** The names of the literals that the members of a tagged union allow at the property that decides. */
const literalsAt = (codec: CodecShape, tag: string): readonly string[] => {
  const { props, types } = unwrapped(codec)
  const name = props?.[tag]?.name
  return name === undefined ? (types ?? []).flatMap((type) => literalsAt(type, tag)) : [name]
}

import * as t from 'io-ts'
import { type CodecShape, shapeOf } from './codec-shape.js'

/**
 * Which of io-ts's own functions a codec is checked by. A `_tag` alone proves nothing: clones with another `validate`
 * (withFallback, withMessage, a hand-made codec) keep the `_tag` of the codec they were made from. The source text of
 * `validate` and `is`, compared with that of a codec fresh from io-ts, tells them apart.
 */
export type Origin = 'stock' | 'tagged union' | 'enumerable record' | 'foreign'

const textOf = (f: unknown): string => Function.prototype.toString.call(f)
const sourceOf = ({ _tag, validate, is }: CodecShape): string => [_tag, textOf(validate), textOf(is)].join('\0')

const object = t.type({ a: t.string })
const STOCK: ReadonlySet<string> = new Set(
  [
    t.null, t.undefined, t.void, t.unknown, t.string, t.number, t.bigint, t.boolean, t.UnknownArray, t.UnknownRecord,
    t.never, t.literal('a'), t.keyof({ a: null }), t.refinement(t.string, () => true), t.array(t.string), object,
    t.partial({ a: t.string }), t.record(t.string, t.string), t.union([t.string, t.number]),
    t.intersection([object, object]), t.tuple([t.string]), t.readonlyArray(t.string),
  ].map((codec) => sourceOf(shapeOf(codec))),
)
const TAGGED_UNION = sourceOf(shapeOf(t.union([t.type({ k: t.literal('a') }), t.type({ k: t.literal('b') })])))
const EXACT = textOf(t.exact(object).validate)
const ENUMERABLE_RECORD = sourceOf(shapeOf(t.record(t.keyof({ a: null }), t.string)))

/** See {@link Origin}. */
export const originOf = (codec: CodecShape): Origin => {
  // t.readonly hands on the functions of the codec inside, which is then judged itself.
  if (codec._tag === 'ReadonlyType')
    return codec.is === codec.type?.is && codec.validate === codec.type.validate ? 'stock' : 'foreign'
  // t.exact hands on one of them.
  if (codec._tag === 'ExactType')
    return codec.is === codec.type?.is && textOf(codec.validate) === EXACT ? 'stock' : 'foreign'
  const source = sourceOf(codec)
  if (STOCK.has(source)) return 'stock'
  if (source === TAGGED_UNION) return 'tagged union'
  return source === ENUMERABLE_RECORD ? 'enumerable record' : 'foreign'
}

/** io-ts binds `decode` when it makes a codec: a bound function shows no source, only the name of what was bound. */
export const hasStockDecode = ({ decode }: CodecShape): boolean =>
  decode.name === t.string.decode.name && textOf(decode) === BOUND_SOURCE

const BOUND_SOURCE = textOf(t.string.decode)

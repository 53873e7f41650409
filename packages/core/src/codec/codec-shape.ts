import type * as t from 'io-ts'

/**
 * What io-ts lets one see of a codec's structure: `_tag` says which of the other fields are there. Its classes declare
 * them one by one; here they are read as one shape, because codecs arrive as any `t.Type`.
 */
export interface CodecShape {
  readonly name: string
  readonly is: (u: unknown) => boolean
  readonly validate: t.Validate<unknown, unknown>
  readonly decode: (u: unknown) => t.Validation<unknown>
  readonly _tag?: string
  /** Of a refinement, array, readonly, exact or recursive type. */
  readonly type?: CodecShape
  /** Of a union, intersection or tuple. */
  readonly types?: readonly CodecShape[]
  /** Of `t.type` and `t.partial`. */
  readonly props?: Readonly<Record<string, CodecShape>>
  readonly predicate?: (value: unknown) => unknown
  /** Of a literal. */
  readonly value?: unknown
  /** Of keyof. */
  readonly keys?: object
  /** Of a record. */
  readonly domain?: CodecShape
  readonly codomain?: CodecShape
  /** Of a tagged union: the name of the property that decides. */
  readonly tag?: string
}

/** Of any codec or decoder; see {@link CodecShape}: the fields are those of io-ts 2.2, which its types hide. */
export const shapeOf = (codec: { readonly name: string }): CodecShape => codec as CodecShape

/** The codec below what neither changes the place in a value nor adds an entry to the context of an error. */
export const unwrapped = (codec: CodecShape): CodecShape => {
  let inner = codec
  for (let i = 0; i < MAX_WRAPPERS && inner.type !== undefined && WRAPPERS.has(inner._tag ?? ''); i++) inner = inner.type
  return inner
}

const WRAPPERS: ReadonlySet<string> = new Set(['RefinementType', 'ReadonlyType', 'ExactType', 'RecursiveType'])

/** `t.recursion('A', (self) => self)` would be unwrapped for ever. */
const MAX_WRAPPERS = 100

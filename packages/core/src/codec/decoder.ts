import type * as t from 'io-ts'
import type { Failure } from '../failure.js'
import { explain } from './explain.js'
import { compileGuard, type Guard } from './guard.js'
import { reasonOf } from './json-text.js'

/**
 * What {@link Decoder.decode} gives.
 * @public
 */
export type Decoded<A> = { readonly ok: true; readonly value: A } | { readonly ok: false; readonly failure: Failure }

/**
 * A codec as the hot path uses it: ask `accepts` first, which allocates nothing, and only if that is `false` `decode`.
 * @public
 */
export interface Decoder<A> {
  readonly codec: t.Type<A, unknown, unknown>
  readonly guard: Guard
  /** See `Guard.accepts`: `true` means that the value may be used as it is. */
  readonly accepts: (value: unknown) => boolean
  /**
   * io-ts's own judgement. A failure has `_tag` `Decode`, the code `InvalidArgument`, a message for a person and the
   * JSON Pointer of the field at fault. Never throws: a codec that does is a failure with `cause`.
   */
  readonly decode: (value: unknown) => Decoded<A>
}

/**
 * Makes the decoder of a codec. Costs some microseconds: once, at construction.
 * @public
 */
// The encoded side plays no part here, and `unknown` would refuse codecs whose encode is strict about its type.
export const decoderOf = <A>(codec: t.Type<A, any, unknown>): Decoder<A> => {
  const guard = compileGuard(codec)
  return { codec, guard, accepts: guard.accepts, decode: (value) => decode(codec, value) }
}

// As for decoderOf.
const decode = <A>(codec: t.Type<A, any, unknown>, value: unknown): Decoded<A> => {
  try {
    const decoded = codec.decode(value)
    if (decoded._tag === 'Right') return { ok: true, value: decoded.right }
    const { message, path } = explain(decoded.left)
    return { ok: false, failure: { _tag: 'Decode', code: 'InvalidArgument', message, path } }
  } catch (cause) {
    const message = `the codec ${codec.name} threw ${reasonOf(cause)}`
    return { ok: false, failure: { _tag: 'Decode', code: 'InvalidArgument', message, path: '', cause } }
  }
}

import type { Data } from '@millrace/core'
import * as t from 'io-ts'

const ByteOffset = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'ByteOffset')

/**
 * Where to go on in an object, strictly after the last record given: all that framing has to know, so that nothing before it
 * is framed again. Plain objects are read again from the last whole MiB before it (for the digest), gzip from the start.
 * @public
 */
export type ObjectOffset = {
  /** In the unpacked content. */
  readonly byte: number
  /** Between which records: of lines, at or behind the first element of an array, behind the array; or all was given. */
  readonly frame: 'lines' | 'firstElement' | 'element' | 'afterArray' | 'document' | 'done'
  readonly packing: 'none' | 'gzip'
  /** The chained digest of all whole MiB before `byte`, hex; empty before the first. */
  readonly chain: string
}

/** The codec of {@link ObjectOffset}; its encoded form is plain JSON. @public */
export const ObjectOffset: t.Type<ObjectOffset, Data> = t.readonly(t.strict({
  byte: ByteOffset,
  frame: t.keyof({ lines: null, firstElement: null, element: null, afterArray: null, document: null, done: null }),
  packing: t.keyof({ none: null, gzip: null }),
  chain: t.string,
}), 'ObjectOffset')

import type { Data, SourceContext } from '@millrace/core'
import type { ObjectFormat } from './options.js'

/** One object as a store lists it. @public */
export interface ObjectInfo {
  /** The partition, and origin of its records: the same for this object in every run, and no other's (a real path, a URL). */
  readonly name: string
  /** Packed, as stored. For progress only; a store that does not know it says 0. */
  readonly sizeBytes: number
  /** What makes it the same input again (size and time of change, generation). Without it the name alone does. */
  readonly fingerprint?: Data
  /** How it is read where the source's `format` is `'auto'`. Default: as the suffix of its name says, or else its content. */
  readonly format?: ObjectFormat
}

/**
 * Where objects come from: a folder, a bucket, a generator in a test. `objects` does the rest: unpacking, framing, digests,
 * resuming, credit. Every error is a `ConnectorError`, classified; a store never retries.
 *
 * @example
 * ```ts
 * const store: ObjectStore = {
 *   list: async () => [{ name: 'numbers.ndjson', sizeBytes: 4, fingerprint: 'version 1' }],
 *   open: async function* (_object, fromByte) {
 *     yield Buffer.from('1\n2\n').subarray(fromByte)
 *   },
 *   verify: async () => {},
 * }
 * const source = objects(store)
 * ```
 * @public
 */
export interface ObjectStore<Info extends ObjectInfo = ObjectInfo> {
  /**
   * All objects to read, each once, in an order that is the same on every call for the same input. Names what it leaves out
   * by `context.logger`. Rejects with `NotFound` where there is nothing to read.
   */
  list(context: SourceContext): Promise<readonly Info[]>
  /**
   * The packed bytes from `fromByte` (0 up to the object's size) to the end, in chunks of any size; 64 KiB are best, larger
   * ones are cut, and stay in memory as long as any part of them is wanted. It is read one chunk ahead and never concurrently; a chunk is handed over and must not be written
   * to again. Two iterations of one object may exist at the same time. To abort `signal` or to return from the iteration
   * releases everything; after an abort `next` may reject with anything.
   */
  open(object: Info, fromByte: number, signal: AbortSignal): AsyncIterable<Uint8Array>
  /**
   * Called after the last byte was read and before the last records are given: rejects with `FailedPrecondition` if the
   * object is not the one that was listed any more, so that no mixture of two versions is ever taken for one.
   */
  verify(object: Info, signal: AbortSignal): Promise<void>
}

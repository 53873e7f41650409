import { ConnectorError, silentLogger, type Data, type Partition, type Source, type SourceContext } from '@millrace/core'
import { Observable, type Subscriber } from 'rxjs'
import { cancelled, unknownError } from './errors.js'
import { ObjectOffset } from './object-offset.js'
import type { ObjectInfo, ObjectStore } from './object-store.js'
import { checkOptions, type CheckedOptions, type ObjectsOptions } from './options.js'
import { readObject, type ObjectBatch } from './reading/read-object.js'
import { untilAborted } from './reading/until-aborted.js'

/**
 * A bounded source over the objects of `store`: one partition an object, positions are byte offsets in the unpacked content,
 * records are bytes. Gzip is known by its first bytes. Constructing it reads nothing.
 *
 * What is not whole is a record with a failure, one a fault: `Oversized`, `Unterminated`, `EmptyElement`, `TrailingComma`,
 * `MissingBracket`, `TextAfterArray`, `NotAnArray`, `TruncatedGzip`, `CorruptGzip`, `Binary`. Reading an object holds one
 * chunk ahead, at most two batches and one record of up to `maxRecordBytes`.
 * @throws TypeError at once, where an option is wrong
 * @public
 */
export const objects = <Info extends ObjectInfo>(
  store: ObjectStore<Info>, options: ObjectsOptions = {},
): Source<Uint8Array, ObjectOffset, 'local'> => objectSource(store, checkOptions(options, 'objects'))

/** The same with options that are checked. @internal */
export const objectSource = <Info extends ObjectInfo>(
  store: ObjectStore<Info>, options: CheckedOptions,
): Source<Uint8Array, ObjectOffset, 'local'> => {
  let listed: ReadonlyMap<string, Info> | undefined
  const list = async (context: SourceContext): Promise<ReadonlyMap<string, Info>> => {
    listed = new Map((await store.list(context)).map((object) => [object.name, object]))
    return listed
  }
  // A read without `partitions` before it lists for itself; what is left out was or will be told elsewhere.
  const find = async (name: string, context: SourceContext): Promise<Info> => {
    const object = (listed ?? await list({ ...context, logger: silentLogger })).get(name)
    if (object !== undefined) return object
    throw new ConnectorError({ _tag: 'UnknownPartition', code: 'NotFound', message: `${name} is not among the objects to read` })
  }
  return {
    name: options.name,
    reach: 'local',
    capabilities: { bounded: true, replayable: true, acknowledges: false },
    offset: ObjectOffset,
    partitions: async (context) => [...(await list(context)).values()].map((object) => asPartition(object, options)),
    read: (partition, after, context) => new Observable((subscriber) => {
      const stop = new AbortController()
      const abort = (): void => stop.abort(context.signal.reason)
      if (context.signal.aborted) abort()
      context.signal.addEventListener('abort', abort, { once: true })
      const { signal } = stop
      const { format, maxRecordBytes } = options
      const { credit, runStartedAtMillis: receivedAtMillis } = context
      const run = async (): Promise<void> => {
        const object = await find(partition, context)
        const batches = readObject({ store, object, format, maxRecordBytes, after, receivedAtMillis, signal })
        await give(batches, credit, signal, subscriber)
      }
      run().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(signal.aborted ? cancelled(partition, error) : unknownError(partition, error)),
      )
      return () => {
        context.signal.removeEventListener('abort', abort)
        stop.abort()
      }
    }),
  }
}

/** Read in another way it is another input: a run that cut half a file in lines must not go on in documents. */
const asPartition = ({ name, sizeBytes, fingerprint }: ObjectInfo, { format, maxRecordBytes }: CheckedOptions): Partition =>
  fingerprint === undefined ? { name, sizeBytes } : { name, sizeBytes, fingerprint: { ...asRecord(fingerprint), format, maxRecordBytes } }

const asRecord = (fingerprint: Data): { readonly [key: string]: Data } =>
  typeof fingerprint === 'object' && fingerprint !== null && !Array.isArray(fingerprint) && !(fingerprint instanceof Uint8Array)
    ? (fingerprint as { readonly [key: string]: Data }) // as: isArray does not narrow readonly arrays
    : { object: fingerprint }

const give = async (
  batches: AsyncGenerator<ObjectBatch, void>, credit: SourceContext['credit'], signal: AbortSignal,
  subscriber: Subscriber<ObjectBatch>,
): Promise<void> => {
  for await (const batch of batches) {
    await untilAborted(credit.ready(), signal)
    subscriber.next(batch)
  }
  signal.throwIfAborted()
}

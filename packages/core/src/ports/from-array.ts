import * as t from 'io-ts'
import { Observable, type Subscriber } from 'rxjs'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import type { Source, SourceBatch, SourceContext } from '../source.js'
import { fingerprintOf } from './array-fingerprint.js'
import { checkCount, recordOf } from './value-records.js'

/** How `fromArray` reads. @public */
export interface FromArrayOptions<A> {
  /** Default `array`; give each its own where a pipeline reads several. */
  readonly name?: string
  /** Of all values, or of each, Unix epoch; default: when the run began. */
  readonly receivedAtMillis?: number | ((value: A, index: number) => number)
  /** Values in a batch at most, ≥ 1; default 1,024. */
  readonly maxBatchRecords?: number
  /** What makes it the same input again; default: a hash of all values, made once a run. */
  readonly fingerprint?: Data
}

type Settings<A> = Required<Pick<FromArrayOptions<A>, 'name' | 'maxBatchRecords'>> & Pick<FromArrayOptions<A>, 'receivedAtMillis'>

const batchFrom = <A>(values: readonly A[], start: number, settings: Settings<A>, context: SourceContext): SourceBatch<A, number> => {
  const { receivedAtMillis: received = context.runStartedAtMillis, maxBatchRecords } = settings
  const batch = values.slice(start, start + maxBatchRecords)
  const records = batch.map((value, i) => recordOf(value, [start + i], typeof received === 'number' ? received : received(value, start + i)))
  // as: the type knows of packed records, for bytes; a list is always allowed
  return { records: records as SourceBatch<A, number>['records'], offset: start + batch.length - 1 }
}

const give = async <A>(values: readonly A[], first: number, settings: Settings<A>, context: SourceContext, subscriber: Subscriber<SourceBatch<A, number>>): Promise<void> => {
  for (let start = first; start < values.length && !subscriber.closed; start += settings.maxBatchRecords) {
    await context.credit.ready()
    context.signal.throwIfAborted()
    if (!subscriber.closed) subscriber.next(batchFrom(values, start, settings, context))
  }
  context.signal.throwIfAborted()
}

const unknownPartition = (name: string, partition: string): ConnectorError =>
  new ConnectorError({ _tag: 'UnknownPartition', code: 'NotFound', message: `fromArray '${name}' has one partition, '${name}', and none named '${partition}'` })

const unknownOffset = (name: string, after: number, length: number): ConnectorError =>
  new ConnectorError({ _tag: 'UnknownOffset', code: 'OutOfRange', message: `fromArray '${name}' cannot go on after value ${after}: it has ${length}` })

/**
 * A bounded source of values that code holds, in their order; the position of each is its index. It can be read again and resumed: equal
 * arrays under one name are the same input, and a run over an input that was finished does nothing. The array is copied, its values are
 * not: do not change them during the run.
 * @throws RangeError if `maxBatchRecords` is no integer ≥ 1
 * @public
 */
export const fromArray = <A>(values: readonly A[], options: FromArrayOptions<A> = {}): Source<A, number, 'local'> => {
  const { name = 'array', maxBatchRecords = 1_024, fingerprint, receivedAtMillis } = options
  const settings: Settings<A> = { name, maxBatchRecords: checkCount(`fromArray '${name}': maxBatchRecords`, maxBatchRecords), ...(receivedAtMillis !== undefined && { receivedAtMillis }) }
  const held = values.slice()
  return {
    name,
    reach: 'local',
    capabilities: { bounded: true, replayable: true, acknowledges: false },
    offset: t.number,
    partitions: async () => [{ name, fingerprint: fingerprint ?? fingerprintOf(held, name) }],
    read: (partition, after = -1, context) =>
      new Observable((subscriber) => {
        if (partition !== name) throw unknownPartition(name, partition)
        if (!(after === -1 || (Number.isInteger(after) && after >= 0 && after < held.length))) throw unknownOffset(name, after, held.length)
        give(held, after + 1, settings, context, subscriber).then(
          () => subscriber.complete(),
          (error: unknown) => subscriber.error(error),
        )
      }),
  }
}

import * as t from 'io-ts'
import { defer, Observable } from 'rxjs'
import { ConnectorError } from '../failure.js'
import type { Source } from '../source.js'
import { ObservableReading, type ObservableOffset } from './observable-reading.js'
import { checkCount } from './value-records.js'

/** How `fromObservable` reads. @public */
export interface FromObservableOptions {
  /** Default `observable`; give each its own where a pipeline reads several. */
  readonly name?: string
  /** Values that are held while the pipeline has no room for them, ≥ 1; default 65,536. One more ends the run. */
  readonly maxBuffered?: number
}

const unknownPartition = (name: string, partition: string): ConnectorError =>
  new ConnectorError({ _tag: 'UnknownPartition', code: 'NotFound', message: `fromObservable '${name}' has one partition, '${name}', and none named '${partition}'` })

/**
 * An unbounded source of what an RxJS observable emits; it ends when the observable completes. A function is called for each read.
 *
 * RxJS has no back-pressure: while the pipeline has no room, values are held, `maxBuffered` at most. Past that, when those held
 * were given, the run fails with `ResourceExhausted`: nothing is left out silently. What the observable emits while no run is
 * subscribed, and what was not yet committed at a crash, is lost: it cannot be asked for again. An ordered end unsubscribes from
 * the observable, and gives what is held.
 * @throws RangeError if `maxBuffered` is no integer ≥ 1
 * @public
 */
export const fromObservable = <A>(input: Observable<A> | (() => Observable<A>), options: FromObservableOptions = {}): Source<A, ObservableOffset, 'local'> => {
  const { name = 'observable', maxBuffered = 65_536 } = options
  checkCount(`fromObservable '${name}': maxBuffered`, maxBuffered)
  return {
    name,
    reach: 'local',
    capabilities: { bounded: false, replayable: false, acknowledges: false, drains: true },
    offset: t.readonly(t.tuple([t.number, t.number])),
    partitions: async () => [{ name }],
    read: (partition, after, context) =>
      new Observable((subscriber) => {
        if (partition !== name) throw unknownPartition(name, partition)
        const reading = new ObservableReading<A>(name, maxBuffered, after, context, subscriber)
        reading.start(defer(() => (typeof input === 'function' ? input() : input)))
        return () => reading.stop()
      }),
  }
}

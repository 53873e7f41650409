import type * as t from 'io-ts'
import type { OperatorFunction } from 'rxjs'
import type { Combine } from '../combine/combine.js'
import type { Data } from '../data.js'
import type { Batch } from '../envelope.js'
import type { Guarantee, Sink } from '../sink.js'
import type { Source } from '../source.js'
import type { WatermarkPolicy } from '../time/policy.js'
import type { Pane, WindowFn, WindowOptions } from '../time/window.js'
import type { Fired, Reached, Traits } from '../traits.js'
import type { AsyncOptions } from './stage.js'

/**
 * From `read` to `eventTime`: synchronous stages that run inside the source loop, because only there is the watermark made. There is no
 * window before `eventTime`. Every stage has a name, given first: the identity of its state, metrics and dead letters.
 * A function that throws makes its element a dead letter.
 * @public
 */
export interface Ingest<A, T extends Traits> {
  map<B>(name: string, f: (value: A) => B): Ingest<B, T>
  filter<B extends A>(name: string, f: (value: A) => value is B): Ingest<B, T>
  filter(name: string, f: (value: A) => boolean): Ingest<A, T>
  /** All or nothing per input: outputs count only when the iterable has ended without an error. */
  flatMap<B>(name: string, f: (value: A) => Iterable<B>): Ingest<B, T>
  /** What does not fit the codec becomes a dead letter with reason and path; what fits goes on as the codec gives it. */
  decode<B>(name: string, codec: t.Type<B, any, unknown>): Ingest<B, T> // any: the encoded form is never looked at
  apply<C>(f: (ingest: Ingest<A, T>) => C): C
  /** Gives every element its event time (Unix milliseconds) and makes the watermark. */
  eventTime(name: string, millis: (value: A) => number, policy: WatermarkPolicy): Collection<A, T>
}

/** Elements with an event time. @public */
export interface Collection<A, T extends Traits> {
  map<B>(name: string, f: (value: A) => B): Collection<B, T>
  filter<B extends A>(name: string, f: (value: A) => value is B): Collection<B, T>
  filter(name: string, f: (value: A) => boolean): Collection<A, T>
  /** All or nothing per input: outputs count only when the iterable has ended without an error. */
  flatMap<B>(name: string, f: (value: A) => Iterable<B>): Collection<B, T>
  /** One promise an element; results go on in the order of the elements. Rejections and time-outs become dead letters. */
  mapAsync<B>(name: string, f: (value: A, signal: AbortSignal) => Promise<B>, options: AsyncOptions): Collection<B, T>
  decode<B>(name: string, codec: t.Type<B, any, unknown>): Collection<B, T> // any: the encoded form is never looked at
  /** The way out to RxJS, local only: the operator must answer synchronously; what it holds back is neither saved nor counted as lost. */
  through<B>(name: string, operator: OperatorFunction<Batch<A>, Batch<B>>): Collection<B, Reached<T, 'local'>>
  apply<C>(f: (collection: Collection<A, T>) => C): C
  /** The key must be a string; anything else makes the element a dead letter. */
  keyBy<K extends string>(name: string, key: (value: A) => K): Keyed<K, A, T>
  /** Hands elements to a sink. The name is the sink's in the ledger; several writes may share a sink's store. */
  write<S extends Traits['reach'], P extends Traits['panes']>(
    name: string,
    sink: Sink<A, S, P, Guarantee> & (T['panes'] extends P ? unknown : { readonly 'this sink does not take panes that are': T['panes'] }),
  ): Output<Reached<T, S>['reach']>
}

/** Elements by key, waiting for their windows. @public */
export interface Keyed<K extends string, A, T extends Traits> {
  window<P extends Traits['panes'] = 'single'>(fn: WindowFn, options?: WindowOptions<P>): Windowed<K, A, Fired<T, P>>
}

/** Elements by key and window, waiting to be aggregated. @public */
export interface Windowed<K extends string, A, T extends Traits> {
  // any: the accumulator is the combine's own affair
  aggregate<B>(name: string, combine: Combine<A, any, B>): Collection<Pane<K, B>, T>
}

declare const reach: unique symbol
/** Proof that something was written; `build` must return it. @public */
export interface Output<R> {
  readonly [reach]?: R
  readonly stage: string
}

/** Where a pipeline begins. @public */
export interface Builder {
  read<A, O extends Data, R extends Traits['reach']>(
    name: string,
    source: Source<A, O, R>,
  ): Ingest<A, { readonly reach: R; readonly panes: 'single' }>
}

import type * as t from 'io-ts'
import type { OperatorFunction } from 'rxjs'
import type { Combine } from '../combine/combine.js'
import type { Data } from '../data.js'
import type { Batch } from '../envelope.js'
import type { Guarantee, Sink } from '../sink.js'
import type { Source } from '../source.js'
import type { WatermarkPolicy } from '../time/policy.js'
import type { WindowFn, WindowOptions } from '../time/window.js'
import type { Traits } from '../traits.js'

// A graph holds stages over values whose types the builder has checked; inside it they are unknown, and only where a
// function's input must be forgotten `any` stands for it.
// any: a stage's function was typed by the builder against the stage before it
type Fn<B> = (value: any) => B
/** Types of what a graph holds, with what it need not know forgotten. */
export type AnySource = Source<any, any & Data, Traits['reach']> // any: the record's and the offset's type, forgotten
export type AnySink = Sink<any, Traits['reach'], Traits['panes'], Guarantee> // any: the row's type, forgotten
export type AnyCombine = Combine<any, any, unknown> // any: the element's and the accumulator's type, forgotten
export type AnyCodec = t.Type<unknown, any, unknown> // any: the encoded form is never looked at

interface Named<K extends string> {
  readonly kind: K
  readonly name: string
}
interface After extends Named<string> {
  readonly input: Stage
}
/** Where records enter. */
export interface ReadStage extends Named<'read'> {
  readonly source: AnySource
}
/** Bytes into JSON values. */
export interface ParseStage extends Named<'parse'>, After {
  readonly kind: 'parse'
}
/** One value for one. */
export interface MapStage extends After {
  readonly kind: 'map'
  readonly f: Fn<unknown>
}
/** Goes on, or does not. */
export interface FilterStage extends After {
  readonly kind: 'filter'
  readonly f: Fn<boolean>
}
/** Any number of values for one. */
export interface FlatMapStage extends After {
  readonly kind: 'flatMap'
  readonly f: Fn<Iterable<unknown>>
}
/** What fits a codec goes on. */
export interface DecodeStage extends After {
  readonly kind: 'decode'
  readonly codec: AnyCodec
}
/** Judges times and makes the watermark. */
export interface EventTimeStage extends After {
  readonly kind: 'eventTime'
  readonly millis: Fn<number>
  readonly policy: WatermarkPolicy
}
/** How `mapAsync` runs its function. @public */
export interface AsyncOptions {
  /** Calls under way at once, ≥ 1. */
  readonly concurrency: number
  /** One call's limit; past it the element is a dead letter (`DeadlineExceeded`) and the signal is aborted. */
  readonly timeoutMillis: number
}
/** One value for one, by a promise. */
export interface MapAsyncStage extends After {
  readonly kind: 'mapAsync'
  readonly f: (value: any, signal: AbortSignal) => Promise<unknown> // any: as Fn
  readonly options: AsyncOptions
}
/** An RxJS operator over whole batches. */
export interface ThroughStage extends After {
  readonly kind: 'through'
  readonly operator: OperatorFunction<Batch<any>, Batch<unknown>> // any: as Fn
}
/** Says which elements belong together. */
export interface KeyStage extends After {
  readonly kind: 'key'
  readonly key: Fn<string>
}
/** Windows over keys, and what becomes of them. */
export interface AggregateStage extends After {
  readonly kind: 'aggregate'
  readonly input: KeyStage
  readonly window: WindowFn
  readonly options: WindowOptions
  readonly combine: AnyCombine
}
/** Where elements leave. */
export interface WriteStage extends After {
  readonly kind: 'write'
  readonly sink: AnySink
}

/** One named step of a pipeline; `input` is the step before. */
export type Stage =
  | ReadStage
  | ParseStage
  | MapStage
  | FilterStage
  | FlatMapStage
  | DecodeStage
  | EventTimeStage
  | MapAsyncStage
  | ThroughStage
  | KeyStage
  | AggregateStage
  | WriteStage

/** The stages of a pipeline in the order in which they were named: inputs before what reads them. */
export interface Graph {
  readonly stages: readonly Stage[]
}

/** The stage before, if there is one. */
export const inputOf = (stage: Stage): Stage | undefined => (stage.kind === 'read' ? undefined : stage.input)

import * as t from 'io-ts'
import {
  combine,
  definePipeline,
  fixedWindows,
  type Builder,
  type Collection,
  type DeadLetter,
  type Guarantee,
  type Output,
  type Pipeline,
  type Row,
  type Sink,
  type Source,
  type Traits,
} from '@millrace/core'
import { memoryBatch, memoryRecords, memorySink, memorySource, type MemoryEntry, type MemorySink, type MemorySource } from '@millrace/core/testing'
import { yieldToEventLoop } from '#src/time/system.js'

/** What most of these pipelines read: a time, a key and a number. */
export interface Tick {
  readonly t: number
  readonly k: string
  readonly n: number
}

export const tick = (time: number, k = 'a', n = 1): Tick => ({ t: time, k, n })

// any: a source or sink of whatever the test reads or writes
type AnySource = Source<any, any, Traits['reach']>
type AnySink<A> = Sink<A, 'local', Traits['panes'], Guarantee>

/** A sink with its name, every row visible at once. */
export const table = <A>(name = 'table', guarantee: Guarantee = 'idempotent'): MemorySink<A, Traits['panes'], Guarantee> => memorySink<A>({ name, guarantee })

export const letterBox = (): MemorySink<DeadLetter, Traits['panes'], Guarantee> => table<DeadLetter>('dead letters')

/** A pipeline without a config. */
export const pipeline = (
  deadLetters: AnySink<DeadLetter>,
  build: (p: Builder) => Output<'local'> | readonly Output<'local'>[],
  name = 'test',
): Pipeline<null, 'local'> => definePipeline({ name, module: import.meta.url, config: t.null, deadLetters: () => deadLetters, build })

/** Elements of any shape, in this process. */
// any: as AnySource
export type Ticks = Collection<any, { readonly reach: 'local'; readonly panes: 'single' }>

/** Reads ticks, puts them through some stages, and writes what comes out. */
export const straight = (
  source: AnySource,
  sink: AnySink<any>, // any: as AnySource
  deadLetters: AnySink<DeadLetter>,
  stages: (ticks: Ticks) => Ticks = (ticks) => ticks,
): Pipeline<null, 'local'> =>
  pipeline(deadLetters, (p) => stages(p.read('in', source).eventTime('time', (tick: Tick) => tick.t, { boundMillis: 0 }) as Ticks).write('out', sink)) // as: a local pipeline

/** One line for each key and second: `a@0=2`. */
export const perSecond = (ticks: Ticks): Ticks =>
  ticks
    .keyBy('key', (tick: Tick) => tick.k)
    .window(fixedWindows({ sizeMillis: 1_000 }))
    .aggregate('count', combine.sum<Tick>(({ n }) => n))
    .map('line', ({ key, window, value }) => `${key}@${window.startMillis}=${value}`)

/** Each value a batch of its own. */
export const single = <A>(...values: readonly A[]): readonly MemoryEntry<A>[] =>
  values.map((value, index) => memoryBatch(memoryRecords([value], { position: index })))

/** A source of one partition, `p`. */
export const sourceOf = <A>(entries: readonly MemoryEntry<A>[], bounded = true): MemorySource<A> =>
  memorySource<A>({ name: 'memory', partitions: [{ name: 'p', entries, fingerprint: 1 }], capabilities: { bounded } })

/** As many ticks as there are numbers, a millisecond apart. */
export const numbered = (count: number): readonly Tick[] => Array.from({ length: count }, (_, index) => tick(index, 'a', index))

export const values = <A>(sink: { rows(): readonly Row<A>[] }): readonly A[] => sink.rows().map(({ value }) => value)

/** Waits, by turns of the event loop, until `ready` says so; fails after very many of them. */
export const until = async (what: string, ready: () => boolean): Promise<void> => {
  for (let turn = 0; !ready(); turn++) {
    if (turn > 20_000) throw new Error(`waited in vain until ${what}`)
    await yieldToEventLoop()
  }
}

export const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await yieldToEventLoop()
}

/** What a promise was rejected with. */
export const reasonOf = async (promise: Promise<unknown>): Promise<Error & { readonly _tag?: string; readonly code?: string }> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`it was rejected with something that is no error: ${String(error)}`)
  }
  throw new Error('it was not rejected')
}

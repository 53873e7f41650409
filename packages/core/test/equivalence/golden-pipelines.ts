import * as t from 'io-ts'
import { definePipeline, type Builder, type Combine, type Output, type SourceRecord } from '@millrace/core'
import { memoryBatch, type MemoryBatchExtras, type MemoryEntry } from '#src/testing/memory-entries.js'
import { memorySink } from '#src/testing/memory-sink.js'
import { memorySource, type MemorySource, type MemorySourceOptions } from '#src/testing/memory-source.js'
import { interpret, type ReferenceOptions, type ReferenceResult } from '#src/testing/reference.js'

/** What the goldens are made of: an id, its key, its event time. */
export interface Item {
  readonly id: number
  readonly k: string
  readonly t: number
}

/** Ids in the order in which they were added: shows who is in a pane, and in which order. */
export const ids: Combine<Item, number[], string> = {
  kind: 'ids',
  create: () => [],
  add: (acc, { value }) => [...acc, value.id],
  merge: (a, b) => [...a, ...b],
  extract: (acc) => acc.join(' '),
}

/** `item(3, 'a', 12)` → a record whose position is its id. */
export const item = (id: number, k: string, t: number, receivedAtMillis = 0): SourceRecord<Item> => ({
  value: { id, k, t },
  position: [id],
  receivedAtMillis,
  bytes: 1,
})

export const batchOf = <A>(records: readonly SourceRecord<A>[], extras: MemoryBatchExtras = {}): MemoryEntry<A> =>
  // as: the conditional type of `records` is not decided for an unknown A
  memoryBatch<A>(records as Parameters<typeof memoryBatch<A>>[0], extras)

/** One record a batch, in partition 'p'. */
export const oneByOne = <A>(records: readonly SourceRecord<A>[]): readonly MemoryEntry<A>[] =>
  records.map((record) => batchOf([record]))

export const unbounded = { bounded: false } as const

/** Options of a memory source with the entries of each partition. */
export const input = <A>(
  partitions: Readonly<Record<string, readonly MemoryEntry<A>[]>>,
  capabilities: MemorySourceOptions<A>['capabilities'] = {},
): MemorySourceOptions<A> => ({
  partitions: Object.entries(partitions).map(([name, entries]) => ({ name, entries })),
  capabilities,
})

const sink = () => memorySink<unknown>({ guarantee: 'idempotent' })

/** Interprets a pipeline with one read, 'in', over this input. */
export const interpreted = <A>(
  options: MemorySourceOptions<A>,
  build: (p: {
    read: () => ReturnType<typeof readIn<A>>
    sink: typeof sink
  }) => Output<'local'> | readonly Output<'local'>[],
  reference: ReferenceOptions = {},
): Promise<ReferenceResult> =>
  interpret(
    definePipeline({
      name: 'golden',
      module: import.meta.url,
      config: t.null,
      deadLetters: () => sink(),
      build: (p) => build({ read: () => readIn(p, memorySource(options)), sink }),
    }),
    null,
    new Map([['in', options]]),
    reference,
  )

const readIn = <A>(p: Builder, source: MemorySource<A>) => p.read('in', source)

/** `['bars', 'a', 0, 10, value]` for each pane. */
export const panesOf = ({ panes }: ReferenceResult): readonly unknown[] =>
  panes.map(({ stage, pane: { key, window, value } }) => [stage, key, window.startMillis, window.endMillis, value])

/** `['decode', 'frame', 'in', 'p', [3], [0]]` for each dead letter. */
export const deadOf = ({ deadLetters }: ReferenceResult): readonly unknown[] =>
  deadLetters.map(({ kind, stage, origin, path }) => [
    kind,
    stage,
    origin.source,
    origin.partition,
    origin.position,
    path,
  ])

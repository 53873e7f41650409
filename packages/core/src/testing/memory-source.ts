import * as t from 'io-ts'
import { Observable, type Subscriber } from 'rxjs'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import type { Partition, Source, SourceBatch, SourceCapabilities, SourceContext } from '../source.js'
import type { MemoryEntry } from './memory-entries.js'

/** One partition of a memory source. @public */
export interface MemoryPartition<A> extends Partition {
  readonly entries: readonly MemoryEntry<A>[]
}

/** What `memorySource` is made of. @public */
export interface MemorySourceOptions<A> {
  /** Default `memory`. */
  readonly name?: string
  readonly partitions: readonly MemoryPartition<A>[]
  /** Default: bounded, replayable, acknowledges. */
  readonly capabilities?: Partial<SourceCapabilities>
}

/** One call of `settle`. @public */
export interface Settlement {
  readonly partition: string
  readonly upTo: number
}

/** A source whose data are in memory. @public */
export interface MemorySource<A> extends Source<A, number, 'local'> {
  /** Adds entries behind those that are there; open reads of the partition go on with them. */
  push(partition: string, ...entries: readonly MemoryEntry<A>[]): void
  /** Every call of `settle`, in order. */
  settlements(): readonly Settlement[]
  /** Reads that are subscribed now. */
  openReads(): number
}

interface Lane<A> {
  readonly partition: Partition
  readonly entries: MemoryEntry<A>[]
  /** Ready-made, so that a read allocates nothing per batch; `undefined` where the entry is an order. */
  readonly batches: (SourceBatch<A, number> | undefined)[]
  readonly raised: Set<MemoryEntry<A>>
  readonly wakers: Set<() => void>
  batchCount: number
  delivered: number
  settled: number
}

const append = <A>(lane: Lane<A>, entry: MemoryEntry<A>): void => {
  lane.entries.push(entry)
  if (entry._tag !== 'Batch') return void lane.batches.push(undefined)
  const { _tag, ...batch } = entry
  lane.batches.push({ ...batch, offset: lane.batchCount++ })
}

const laneOf = <A>({ entries, ...partition }: MemoryPartition<A>): Lane<A> => {
  const lane: Lane<A> = {
    partition,
    entries: [],
    batches: [],
    raised: new Set(),
    wakers: new Set(),
    batchCount: 0,
    delivered: -1,
    settled: -1,
  }
  for (const entry of entries) append(lane, entry)
  return lane
}

/** Index of the first entry behind the batch with this offset. */
const entryAfter = <A>(lane: Lane<A>, offset: number): number =>
  offset < 0 ? 0 : lane.batches.findIndex((batch) => batch?.offset === offset) + 1

const startOf = <A>(lane: Lane<A>, after: number | undefined, capabilities: SourceCapabilities): number => {
  const asked = after ?? -1
  if (asked >= lane.batchCount) {
    const message = `memorySource: cannot resume partition ${lane.partition.name} after batch ${asked}: it has ${lane.batchCount}`
    throw new ConnectorError({ _tag: 'UnknownOffset', code: 'OutOfRange', message })
  }
  if (capabilities.replayable) return entryAfter(lane, asked)
  return entryAfter(lane, Math.max(asked, capabilities.acknowledges ? lane.settled : lane.delivered))
}

const moreEntries = <A>(lane: Lane<A>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const finish = (end: () => void) => (): void => {
      lane.wakers.delete(wake)
      signal.removeEventListener('abort', abort)
      end()
    }
    const wake = finish(resolve)
    const abort = finish(() => reject(signal.reason))
    if (signal.aborted) return reject(signal.reason)
    lane.wakers.add(wake)
    signal.addEventListener('abort', abort, { once: true })
  })

const obey = async <A>(lane: Lane<A>, entry: MemoryEntry<A>, context: SourceContext, stop: AbortSignal): Promise<void> => {
  if (entry._tag === 'Pause') await context.clock.sleep(entry.millis, stop)
  if (entry._tag !== 'Error' || lane.raised.has(entry)) return
  lane.raised.add(entry)
  throw entry.error
}

const pump = async <A>(
  lane: Lane<A>,
  start: number,
  bounded: boolean,
  context: SourceContext,
  subscriber: Subscriber<SourceBatch<A, number>>,
  stop: AbortSignal,
): Promise<void> => {
  for (let index = start; ; index++) {
    stop.throwIfAborted()
    while (index >= lane.entries.length) {
      if (bounded) return
      await moreEntries(lane, stop)
    }
    // The index was compared with the length just now.
    const entry = lane.entries[index] as MemoryEntry<A>
    if (entry._tag === 'End') return
    const batch = lane.batches[index]
    if (batch === undefined) {
      await obey(lane, entry, context, stop)
      continue
    }
    await context.credit.ready()
    stop.throwIfAborted()
    lane.delivered = Math.max(lane.delivered, batch.offset)
    subscriber.next(batch)
  }
}

const unknownPartition = (name: string, lanes: ReadonlyMap<string, unknown>): ConnectorError =>
  new ConnectorError({
    _tag: 'UnknownPartition',
    code: 'NotFound',
    message: `memorySource: there is no partition ${JSON.stringify(name)}, only ${[...lanes.keys()].join(', ')}`,
  })

/** Offsets are whole numbers from 0. */
const offsetCodec: t.Type<number, Data> = new t.Type(
  'MemoryOffset',
  t.number.is,
  (input, context) => (Number.isSafeInteger(input) ? t.success(Number(input)) : t.failure(input, context)),
  (offset) => offset,
)

/**
 * A source over batches that the test lays out, with orders in between (`pauseFor`, `failOnce`, `endOfPartition`). It waits
 * for credit before every batch. Bounded (the default), a partition completes behind its last entry; unbounded, it stays
 * open for `push` until it is unsubscribed or aborted. An aborted read errors with the signal's reason.
 *
 * The same batch objects are handed out on every read, packed buffers included: nothing is copied, so a benchmark measures
 * the pipeline; who changes them changes the next read.
 *
 * Not replayable: a read begins behind what was settled, or, if it does not acknowledge either, behind what was delivered.
 * @throws Error if two partitions have one name
 * @public
 */
export const memorySource = <A>(options: MemorySourceOptions<A>): MemorySource<A> => {
  const capabilities = { bounded: true, replayable: true, acknowledges: true, ...options.capabilities }
  const lanes = new Map(options.partitions.map((partition) => [partition.name, laneOf(partition)]))
  if (lanes.size < options.partitions.length) throw new Error('memorySource: two partitions have the same name')
  const settlements: Settlement[] = []
  let openReads = 0

  const laneNamed = (name: string): Lane<A> => {
    const lane = lanes.get(name)
    if (lane === undefined) throw unknownPartition(name, lanes)
    return lane
  }
  const read = (name: string, after: number | undefined, context: SourceContext): Observable<SourceBatch<A, number>> =>
    new Observable((subscriber) => {
      const lane = laneNamed(name)
      const start = startOf(lane, after, capabilities)
      const unsubscribed = new AbortController()
      const stop = AbortSignal.any([context.signal, unsubscribed.signal])
      openReads++
      pump(lane, start, capabilities.bounded, context, subscriber, stop).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      )
      return () => {
        openReads--
        unsubscribed.abort()
      }
    })
  const settle = async (name: string, upTo: number): Promise<void> => {
    const lane = laneNamed(name)
    lane.settled = Math.max(lane.settled, upTo)
    settlements.push({ partition: name, upTo })
  }
  return {
    name: options.name ?? 'memory',
    reach: 'local',
    capabilities,
    offset: offsetCodec,
    partitions: async () => [...lanes.values()].map((lane) => lane.partition),
    read,
    ...(capabilities.acknowledges && { settle }),
    push: (name, ...entries) => {
      const lane = laneNamed(name)
      for (const entry of entries) append(lane, entry)
      for (const wake of [...lane.wakers]) wake()
    },
    settlements: () => settlements,
    openReads: () => openReads,
  }
}

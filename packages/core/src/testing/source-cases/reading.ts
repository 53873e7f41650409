import { silentLogger } from '../../logger.js'
import type { Data } from '../../data.js'
import type { Source, SourceBatch, SourceContext } from '../../source.js'
import { systemClock } from '../../time/system.js'
import type { Traits } from '../../traits.js'
import { flatRecords, type FlatRecord } from '../flat-records.js'
import { seededRandom } from '../seeded-random.js'
import type { SourceHarness } from '../source-harness.js'
import { testCredit, type TestCredit } from '../test-credit.js'
import { watchers } from '../watchers.js'

/** The run of a conformance case began here; any moment would do. */
const runStartedAtMillis = 1_700_000_000_000

/** What is around one read. */
export interface ReadOptions {
  /** Batches; default no limit. */
  readonly credit?: number
  /** How much later than now the context's clock says it is; default 0. */
  readonly laterMillis?: number
}

/** A context that a test steers. */
export interface CaseContext extends SourceContext {
  readonly credit: TestCredit
  readonly controller: AbortController
}

/** A context for one read, or for `partitions`. */
export const caseContext = ({ credit = Infinity, laterMillis = 0 }: ReadOptions = {}): CaseContext => {
  const controller = new AbortController()
  return {
    controller,
    signal: controller.signal,
    credit: testCredit(credit, controller.signal),
    clock: { now: () => systemClock.now() + laterMillis, sleep: systemClock.sleep },
    random: seededRandom(1),
    runStartedAtMillis,
    logger: silentLogger,
    listening: () => undefined,
    ending: new AbortController().signal,
  }
}

/** What one subscription has given so far. */
export interface Reading<A, O> {
  readonly context: CaseContext
  readonly batches: SourceBatch<A, O>[]
  /** Of all batches. */
  readonly records: FlatRecord<A>[]
  state(): 'open' | 'completed' | 'errored'
  error(): unknown
  /** Resolves once `condition` holds; looked at after every batch and at the end. */
  until(condition: () => boolean): Promise<void>
  /** Unsubscribes. */
  stop(): void
}

/** Subscribes; every batch takes one of the context's credit. */
export const startReading = <A, O extends Data>(
  source: Source<A, O, Traits['reach']>,
  partition: string,
  after?: O,
  options?: ReadOptions,
  onRecords: (records: readonly FlatRecord<A>[]) => void = () => undefined,
): Reading<A, O> => {
  const context = caseContext(options)
  const batches: SourceBatch<A, O>[] = []
  const records: FlatRecord<A>[] = []
  const { look, until } = watchers()
  let state: 'open' | 'completed' | 'errored' = 'open'
  let failure: unknown
  const end = (how: 'completed' | 'errored', error?: unknown): void => {
    state = how
    failure = error
    look()
  }
  const subscription = source.read(partition, after, context).subscribe({
    next: (batch) => {
      batches.push(batch)
      const newOnes = flatRecords(batch)
      for (const record of newOnes) records.push(record)
      onRecords(newOnes)
      context.credit.take()
      look()
    },
    complete: () => end('completed'),
    error: (error: unknown) => end('errored', error),
  })
  return { context, batches, records, state: () => state, error: () => failure, until, stop: () => subscription.unsubscribe() }
}

/** The read failed where it should not have. */
const unexpected = <A, O>(reading: Reading<A, O>): Error =>
  new Error(`the read failed: ${String(reading.error())}`, { cause: reading.error() })

/** Reads to the end if it is bounded, else until `count` records are there; then unsubscribes. */
export const finishReading = async <A, O extends Data>(
  reading: Reading<A, O>,
  harness: SourceHarness<A, O>,
  count: number,
): Promise<Reading<A, O>> => {
  const enough = (): boolean => !harness.capabilities.bounded && reading.records.length >= count
  await reading.until(() => reading.state() !== 'open' || enough())
  reading.stop()
  if (reading.state() === 'errored') throw unexpected(reading)
  return reading
}

/** Reads what is left behind `after`. */
export const readRest = <A, O extends Data>(
  source: Source<A, O, Traits['reach']>,
  harness: SourceHarness<A, O>,
  partition: string,
  after: O | undefined,
  count: number,
  options?: ReadOptions,
): Promise<Reading<A, O>> => finishReading(startReading(source, partition, after, options), harness, count)

/** Names of all partitions, in the source's order. */
export const partitionNames = async <A, O extends Data>(
  source: Source<A, O, Traits['reach']>,
): Promise<readonly string[]> => (await source.partitions(caseContext())).map((partition) => partition.name)

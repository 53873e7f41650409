import { callbackSink, combine, definePipeline, fixedWindows, parseJson, runLocal, toArray, type ArraySink, type Data, type DeadLetter, type Job, type JobStatus, type LocalOptions, type Source, type SourceBatch } from '@millrace/core'
import { manualClock } from '@millrace/core/testing'
import * as t from 'io-ts'
import { tap } from 'rxjs'
import { residentBytes } from './live-memory.js'

const Frame = t.type({ data: t.array(t.type({ n: t.number, s: t.string, t: t.number })) })
type Trade = t.TypeOf<typeof Frame>['data'][number]

/** Event times lie one millisecond apart. */
export const START_MILLIS = 1_700_000_000_000
const ROWS_PER_MILLI = 5
/** The runtime's clock moves on by so much at once. */
const STEP_MILLIS = 20

/** So many rows as frames of five, without all of them being there at once. */
export function* framesOf(rows: number): Generator<string> {
  for (let n = 0; n < rows; n += 5) {
    const data = Array.from({ length: 5 }, (_, i) => ({ c: ['1', '12'], n: n + i, p: 222.77, s: 'AAPL', t: START_MILLIS + n + i, v: 100 }))
    yield JSON.stringify({ data, type: 'trade' })
  }
}

/** How a source is paused, and the most that it gives at once. */
export interface Seen {
  pauses: number
  batchRecords: number
  batchBytes: number
}

/** What was seen of a run into a sink that is slower than its source. */
export interface SlowRun {
  readonly job: Job
  readonly rows: { count: number; outOfOrder: number }
  readonly letters: ArraySink<DeadLetter>
  readonly counts: ArraySink<number>
  /** The most that was queued at once. */
  readonly most: { records: number; bytes: number }
  /** After each tenth of the rows. */
  readonly residents: readonly number[]
  /** Lets time pass until the run has ended. Answers how much of it the run took. */
  ended(): Promise<number>
}

const watchQueue = (most: SlowRun['most']) => ({ queued }: JobStatus): void => {
  most.records = Math.max(most.records, queued.records)
  most.bytes = Math.max(most.bytes, queued.bytes)
}

const countOf = ({ records }: SourceBatch<Uint8Array, unknown>): number => ('_tag' in records ? records.count : records.length)

const bytesOf = ({ records }: SourceBatch<Uint8Array, unknown>): number => ('_tag' in records ? records.buffer.byteLength : 0)

/** The same source; what it gives at once, and how often it is paused, is noted. */
export const noted = <O extends Data>(source: Source<Uint8Array, O, 'local'>, seen: Seen): Source<Uint8Array, O, 'local'> => ({
  ...source,
  read: (partition, after, context) => {
    const paused$ = context.credit.paused$.pipe(tap((isPaused) => void (seen.pauses += isPaused ? 1 : 0)))
    return source.read(partition, after, { ...context, credit: { ...context.credit, paused$ } }).pipe(
      tap((batch) => {
        seen.batchRecords = Math.max(seen.batchRecords, countOf(batch))
        seen.batchBytes = Math.max(seen.batchBytes, bytesOf(batch))
      }),
    )
  },
})

/** Rows that are not aggregated, and beside them windows, into sinks that take 5,000 rows a second by the runtime's clock. */
export const runSlowly = <O extends Data>(source: Source<Uint8Array, O, 'local'>, total: number, options: Omit<LocalOptions, 'clock'>): SlowRun => {
  const startedMillis = START_MILLIS + total
  const clock = manualClock(startedMillis)
  const rows = { count: 0, outOfOrder: 0 }
  const most = { records: 0, bytes: 0 }
  const residents: number[] = []
  const [letters, counts] = [toArray<DeadLetter>('letters'), toArray<number>('counts')]
  const slow = callbackSink<Trade>('rows', async (values) => {
    for (const { n } of values) if (n !== rows.count++) rows.outOfOrder++
    if (rows.count >= (residents.length + 1) * (total / 10)) residents.push(residentBytes())
    await clock.sleep(values.length / ROWS_PER_MILLI)
  })
  const pipeline = definePipeline({
    name: 'slow', module: import.meta.url, config: t.null, deadLetters: () => letters,
    build: (p) => {
      const trades = p.read('finnhub', source).apply(parseJson).decode('frame', Frame).flatMap('each', ({ data }) => data)
        .eventTime('time', (trade) => trade.t, { boundMillis: 0, idleAfterMillis: 10_000 })
      return [
        trades.write('rows', slow),
        trades.keyBy('symbol', ({ s }) => s).window(fixedWindows({ sizeMillis: 1_000 })).aggregate('count', combine.count<Trade>()).map('n', ({ value }) => value).write('counts', counts),
      ]
    },
  })
  const job = runLocal(pipeline, null, { ...options, clock })
  job.status$.subscribe(watchQueue(most))
  let isOver = false
  const over = (): void => void (isOver = true)
  job.done.then(over, over)
  const ended = async (): Promise<number> => {
    while (!isOver) {
      if (rows.count > 0 || job.ledger.read > 0) await clock.advance(STEP_MILLIS)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    await job.done
    return clock.now() - startedMillis
  }
  return { job, rows, letters, counts, most, residents, ended }
}

import { systemClock, type Clock, type Gap, type SourceBatch, type SourceContext } from '@millrace/core'
import { finnhubTrades, type FinnhubOffset, type FinnhubOptions } from '@millrace/connector-finnhub'
import { flatRecords, seededRandom, testCredit, type FlatRecord, type TestCredit } from '@millrace/core/testing'
import { watch, type Watch } from './source-watch.js'

export type Batch = SourceBatch<Uint8Array, FinnhubOffset>

/** One subscription, and all that it said. */
export interface Reading extends Watch {
  readonly batches: Batch[]
  readonly records: FlatRecord<Uint8Array>[]
  readonly silentMillis: number[]
  readonly gaps: Gap[]
  readonly warnings: string[]
  readonly infos: string[]
  readonly listening: boolean[]
  readonly credit: TestCredit
  readonly controller: AbortController
  readonly ending: AbortController
  readonly context: SourceContext
  texts(): readonly string[]
  state(): 'open' | 'completed' | 'errored'
  error(): unknown
  stop(): void
}

export interface ReadingOptions {
  readonly after?: FinnhubOffset
  /** Batches; default no limit. */
  readonly credit?: number
  readonly clock?: Clock
  readonly random?: () => number
  /** Before it is subscribed to. */
  readonly before?: (reading: Reading) => void
  readonly onBatch?: (batch: Batch, reading: Reading) => void
}

/** Waits that a test need not sit through. */
export const quick = { initialDelayMillis: 5, maxDelayMillis: 20 }

const silences = ({ records }: Batch): readonly number[] => ('_tag' in records ? [...(records.silentMillis ?? [])] : [])

interface Parts {
  readonly reading: Reading
  readonly end: (how: 'completed' | 'errored', error?: unknown) => void
  stopWith(stop: () => void): void
}

const parts = ({ credit = Infinity, clock = systemClock, random = seededRandom(1) }: ReadingOptions): Parts => {
  const { until, look } = watch()
  const controller = new AbortController()
  const ending = new AbortController()
  const records: FlatRecord<Uint8Array>[] = []
  const warnings: string[] = []
  const infos: string[] = []
  const listening: boolean[] = []
  const say = (lines: string[]) => (message: string): void => {
    lines.push(message)
    look()
  }
  let state: 'open' | 'completed' | 'errored' = 'open'
  let failure: unknown
  let stop = (): void => undefined
  const context: SourceContext & { readonly credit: TestCredit } = {
    credit: testCredit(credit, controller.signal), clock, random, signal: controller.signal, ending: ending.signal, runStartedAtMillis: 0,
    logger: { info: say(infos), warn: say(warnings) },
    listening: (isListening) => void listening.push(isListening),
  }
  const reading: Reading = {
    until, look, batches: [], records, silentMillis: [], gaps: [], warnings, infos, listening, controller, ending, context, credit: context.credit,
    texts: () => records.map(({ value }) => Buffer.from(value).toString('utf8')),
    state: () => state, error: () => failure, stop: () => stop(),
  }
  return {
    reading,
    end: (how, error) => {
      state = how
      failure = error
      look()
    },
    stopWith: (unsubscribe) => void (stop = unsubscribe),
  }
}

/** Subscribes; every batch takes one of the context's credit. */
export const startReading = (source: FinnhubOptions, options: ReadingOptions = {}): Reading => {
  const { reading, end, stopWith } = parts(options)
  options.before?.(reading)
  const subscription = finnhubTrades({ reconnect: quick, ...source }).read('live', options.after, reading.context).subscribe({
    next: (batch) => {
      reading.batches.push(batch)
      reading.records.push(...flatRecords(batch))
      reading.silentMillis.push(...silences(batch))
      if (batch.gap !== undefined) reading.gaps.push(batch.gap)
      reading.credit.take()
      options.onBatch?.(batch, reading)
      reading.look()
    },
    complete: () => end('completed'),
    error: (error: unknown) => end('errored', error),
  })
  stopWith(() => subscription.unsubscribe())
  return reading
}

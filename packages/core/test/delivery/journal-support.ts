import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Observable, type Subscriber } from 'rxjs'
import * as t from 'io-ts'
import { readJournal, type Data, type JournalOffset, type JournalRecord, type Logger, type Source, type SourceBatch, type SourceCapabilities, type SourceContext, type SourceRecord } from '@millrace/core'
import { flatRecords, manualClock, testCredit, type TestCredit } from '@millrace/core/testing'
import { segmentHeadOf } from '#src/delivery/journal/record-form.js'
import { watchers } from '#src/testing/watchers.js'

const made: string[] = []

/** A folder of its own, removed when the process ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-journal-'))
  made.push(folder)
  return folder
}

process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

type Batch = SourceBatch<Uint8Array, number>

/** A source that gives what the test pushes, as a socket does: nothing of it can be asked for again. */
export interface LiveSource extends Source<Uint8Array, number, 'local'> {
  give(...values: readonly (string | Uint8Array)[]): void
  batch(batch: Partial<Batch>): void
  complete(): void
  fail(error: Error): void
  context(): SourceContext
  /** Reads that are subscribed now. */
  open(): number
  /** Resolves once somebody is subscribed. */
  connected(): Promise<void>
}

// as: offsets are numbers, and numbers are Data
const offset = t.number as unknown as t.Type<number, Data>

export const frame = (value: string | Uint8Array, position: readonly number[], receivedAtMillis: number): SourceRecord<Uint8Array> => {
  const bytes = Buffer.from(value)
  return { value: bytes, position, receivedAtMillis, bytes: bytes.length }
}

export const liveSource = (capabilities: Partial<SourceCapabilities> = {}): LiveSource => {
  let subscriber: Subscriber<Batch> | undefined
  let context: SourceContext | undefined
  let open = 0
  let count = 0
  const waiting: (() => void)[] = []
  const now = (): Subscriber<Batch> => {
    if (subscriber === undefined) throw new Error('nobody is subscribed')
    return subscriber
  }
  const batch = (given: Partial<Batch>): void => now().next({ records: [], offset: 0, ...given })
  return {
    name: 'live',
    reach: 'local',
    capabilities: { bounded: false, replayable: false, acknowledges: false, drains: true, ...capabilities },
    offset,
    partitions: async () => [{ name: 'p' }],
    read: (_partition, _after, given) =>
      new Observable((to) => {
        subscriber = to
        context = given
        open++
        for (const resolve of waiting.splice(0)) resolve()
        return () => void open--
      }),
    batch,
    give: (...values) => batch({ records: values.map((value) => frame(value, [1, ++count], 1_000 + count)) }),
    complete: () => now().complete(),
    fail: (error) => now().error(error),
    context: () => context ?? (() => { throw new Error('nobody is subscribed') })(),
    open: () => open,
    connected: () => (open > 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

/** What was read so far, and everything that the context was told. */
export interface Reading {
  readonly batches: SourceBatch<Uint8Array, JournalOffset>[]
  readonly texts: string[]
  readonly numbers: number[]
  readonly said: string[]
  readonly listening: boolean[]
  readonly credit: TestCredit
  readonly clock: ReturnType<typeof manualClock>
  state(): 'open' | 'completed' | 'errored'
  error(): (Error & { readonly code?: string; readonly _tag?: string }) | undefined
  until(condition: () => boolean): Promise<void>
  ended(): Promise<void>
  end(how: 'stop' | 'drain'): void
  abort(reason: Error): void
  /** Unsubscribes. */
  leave(): void
}

export const startReading = (source: Source<Uint8Array, JournalOffset, 'local'>, after?: JournalOffset, batches = Infinity): Reading => {
  const [controller, ending] = [new AbortController(), new AbortController()]
  const credit = testCredit(batches, controller.signal)
  const said: string[] = []
  const listening: boolean[] = []
  const logger: Logger = { info: (message) => said.push(message), warn: (message) => said.push(message) }
  const clock = manualClock(50_000)
  const reading = { batches: [] as SourceBatch<Uint8Array, JournalOffset>[], texts: [] as string[], numbers: [] as number[] }
  const { look, until } = watchers()
  let state: 'open' | 'completed' | 'errored' = 'open'
  let failure: Error | undefined
  const context: SourceContext = {
    credit, clock, random: () => 0.5, signal: controller.signal, runStartedAtMillis: 40_000, logger, ending: ending.signal,
    listening: (is) => {
      listening.push(is)
      look()
    },
  }
  const subscription = source.read('p', after, context).subscribe({
    next: (batch) => {
      credit.take()
      reading.batches.push(batch)
      for (const { value, position } of flatRecords(batch)) {
        reading.texts.push(Buffer.from(value).toString('latin1'))
        reading.numbers.push(Number(position[0]))
      }
      look()
    },
    complete: () => {
      state = 'completed'
      look()
    },
    error: (error: Error) => {
      state = 'errored'
      failure = error
      look()
    },
  })
  return {
    ...reading, said, listening, credit, clock, until,
    state: () => state,
    error: () => failure,
    ended: () => until(() => state !== 'open'),
    end: (how) => ending.abort(how),
    abort: (reason) => controller.abort(reason),
    leave: () => subscription.unsubscribe(),
  }
}

export const dump = async (directory: string): Promise<readonly JournalRecord[]> => {
  const records: JournalRecord[] = []
  for await (const record of readJournal(directory)) records.push(record)
  return records
}

/** Texts of the frames, and gaps as `gap`. */
export const dumpTexts = async (directory: string): Promise<readonly string[]> =>
  (await dump(directory)).map((record) => (record._tag === 'Frame' ? record.value.toString('latin1') : record._tag.toLowerCase()))

export const segmentsIn = (directory: string): readonly string[] => readdirSync(directory).filter((name) => name.endsWith('.journal')).toSorted()

/** The id of the journal in that directory. */
export const idIn = (directory: string): string => {
  const head = segmentHeadOf(readFileSync(join(directory, segmentsIn(directory)[0] ?? '')))
  if (head === undefined) throw new Error(`there is no journal in ${directory}`)
  return head.journal
}

/** The offset of a record of that directory's journal. */
export const at = (directory: string, number: number, receivedAtMillis = 1_000 + number): JournalOffset => ({ journal: idIn(directory), number, receivedAtMillis })

/** Gives the values in one batch each, through a journal, and ends. */
export const fill = async (source: LiveSource, journal: Source<Uint8Array, JournalOffset, 'local'>, values: readonly (string | Uint8Array)[], after?: JournalOffset): Promise<Reading> => {
  const reading = startReading(journal, after)
  await source.connected()
  for (const value of values) source.give(value)
  source.complete()
  await reading.ended()
  return reading
}

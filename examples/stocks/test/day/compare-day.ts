import { readJournal, type DeadLetter, type JournalFrame, type JournalGap, type JournalRecord, type Ledger, type SourceRecord } from '@millrace/core'
import { endOfPartition, interpret, memoryBatch, type MemoryEntry, type MemorySourceOptions, type ReferenceDeadLetter, type ReferenceResult } from '@millrace/core/testing'
import type { DayReport } from './run-day.js'
import { line } from './line.js'
import { jumpingClock } from './jumping-clock.js'
import { newWorld, streamInto, type World } from './world.js'

const recordOf = ({ number, value, receivedAtMillis, silentMillis, failure }: JournalFrame): SourceRecord<Uint8Array> =>
  ({ value, position: [number], receivedAtMillis, bytes: value.length, silentMillis, ...(failure && { failure }) })

/** What lies between two gaps or silences is one batch: how records are batched makes no difference. */
const entriesOf = (records: readonly JournalRecord[]): readonly MemoryEntry<Uint8Array>[] => {
  const entries: { readonly gap?: JournalGap; readonly silentMillis?: number; readonly records: SourceRecord<Uint8Array>[] }[] = [{ records: [] }]
  for (const record of records) {
    if (record._tag === 'Frame') entries.at(-1)?.records.push(recordOf(record))
    else if (record._tag === 'Gap') entries.push({ gap: record, records: [] })
    else entries.push({ silentMillis: record.silentMillis, records: [] }, { records: [] })
  }
  return entries.map(({ records: some, ...extras }) => memoryBatch<Uint8Array>(some, extras))
}

/** A journal as the reference interpreter reads it. */
const inputOf = (records: readonly JournalRecord[], isWhole: boolean): MemorySourceOptions<Uint8Array> => ({
  capabilities: { bounded: false },
  partitions: [{ name: 'live', entries: [...entriesOf(records), ...(isWhole ? [endOfPartition] : [])] }],
})

/** What is in one list and not in the other, counted. */
const differences = (what: string, expected: readonly unknown[], actual: readonly unknown[]): readonly string[] => {
  const counts = new Map<string, number>()
  for (const one of expected) counts.set(JSON.stringify(one), (counts.get(JSON.stringify(one)) ?? 0) - 1)
  for (const one of actual) counts.set(JSON.stringify(one), (counts.get(JSON.stringify(one)) ?? 0) + 1)
  return [...counts].flatMap(([text, count]) => (count === 0 ? [] : [`${what}: ${count < 0 ? 'missing' : 'too many'} ${Math.abs(count)} × ${text}`]))
}

const placeOf = ({ stage, stage_kind, source_name, source_position, path, event_key }: DeadLetter): readonly unknown[] =>
  [stage, stage_kind, source_name, JSON.parse(source_position), JSON.parse(path), event_key]

const expectedPlace = ({ stage, kind, origin, path, key }: ReferenceDeadLetter): readonly unknown[] =>
  [stage, kind, origin.source, origin.position, path, key ?? null]

const numbers = ({ read, made, expanded, filtered, deduplicated, aggregated, delivered, deadLettered }: Omit<Ledger, 'inFlight' | 'unaccounted'>): readonly unknown[] =>
  [read, made, expanded, filtered, deduplicated, aggregated, delivered['bars'], deadLettered]

/** What a journal says must have come of it, by the reference interpreter. */
export const expectedOf = async (directory: string, isWhole: boolean): Promise<{ readonly result: ReferenceResult; readonly records: readonly JournalRecord[] }> => {
  const records: JournalRecord[] = []
  for await (const record of readJournal(directory)) records.push(record)
  const pipeline = streamInto(newWorld(true), line(jumpingClock(0)))
  return { records, result: await interpret(pipeline, null, new Map([['finnhub', inputOf(records, isWhole)]])) }
}

/** What there was to get wrong. */
export interface DayTally {
  bars: number
  incomplete: number
  late: number
  deadLetters: number
  gaps: number
  silences: number
  lives: number
  unheard: number
}

const add = (tally: DayTally, world: World, records: readonly JournalRecord[], { lives, last }: DayReport): void => {
  const letters = world.letters()
  tally.bars += world.bars().length
  tally.incomplete += world.bars().filter(({ value }) => !value.complete).length
  tally.late += letters.filter(({ value }) => value.stage_kind === 'window').length
  tally.deadLetters += letters.length
  tally.gaps += world.gaps().length
  tally.silences += records.filter(({ _tag }) => _tag === 'Silence').length
  tally.lives += lives
  tally.unheard += last === undefined ? 1 : 0
}

const compareLedgers = ({ ledger }: ReferenceResult, { last }: DayReport): readonly string[] =>
  last === undefined ? [] : differences('ledger', [[...numbers(ledger), 0, 0]], [[...numbers(last.total), last.total.inFlight, last.total.unaccounted]])

/** Where the tables and the ledger differ from what the journal says. */
export const compareDay = async (directory: string, isWhole: boolean, world: World, report: DayReport, tally: DayTally): Promise<readonly string[]> => {
  const { records, result } = await expectedOf(directory, isWhole)
  add(tally, world, records, report)
  const gaps = records.flatMap((record) => (record._tag === 'Gap' ? [[record.fromMillis, record.toMillis, record.reason]] : []))
  return [
    ...differences('bars', (result.sinks.get('bars') ?? []).map(({ value }) => value), world.bars().map(({ value }) => value)),
    ...differences('dead letters', result.deadLetters.map(expectedPlace), world.letters().map(({ value }) => placeOf(value))),
    ...differences('gaps', gaps, world.gaps().map(({ value }) => [value.from_time, value.to_time, value.reason])),
    ...compareLedgers(result, report),
  ]
}

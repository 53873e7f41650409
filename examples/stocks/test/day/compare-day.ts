import { readJournal, type DeadLetter, type JournalFrame, type JournalGap, type JournalRecord, type Ledger, type SourceRecord } from '@millrace/core'
import { endOfPartition, interpret, memoryBatch, type MemoryEntry, type MemorySourceOptions, type ReferenceDeadLetter, type ReferenceResult } from '@millrace/core/testing'
import type { DayReport } from './run-day.js'
import { line } from './line.js'
import { jumpingClock } from './jumping-clock.js'
import { newWorld, streamInto, type World } from './world.js'

const recordOf = ({ number, value, receivedAtMillis, silentMillis, failure }: JournalFrame): SourceRecord<Uint8Array> =>
  ({ value, position: [number], receivedAtMillis, bytes: value.length, silentMillis, ...(failure && { failure }) })

/** What lies between two gaps is one batch: how records are batched makes no difference. */
const entriesOf = (records: readonly JournalRecord[]): readonly MemoryEntry<Uint8Array>[] => {
  const entries: { readonly gap?: JournalGap; readonly records: SourceRecord<Uint8Array>[] }[] = [{ records: [] }]
  for (const record of records) {
    if (record._tag === 'Gap') entries.push({ gap: record, records: [] })
    else entries.at(-1)?.records.push(recordOf(record))
  }
  return entries.map(({ gap, records: some }) => memoryBatch<Uint8Array>(some, gap && { gap }))
}

/** A journal as the reference interpreter reads it. */
const inputOf = (records: readonly JournalRecord[], isWhole: boolean): MemorySourceOptions<Uint8Array> => ({
  capabilities: { bounded: false },
  partitions: [{ name: 'live', entries: [...entriesOf(records), ...(isWhole ? [endOfPartition] : [])] }],
})

const strip=(v:any)=>process.env['STRIP']?{...v,complete:1}:v
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

/** Where the tables and the ledger differ from what the journal says. */
export const compareDay = async (directory: string, isWhole: boolean, world: World, { last }: DayReport): Promise<readonly string[]> => {
  const { records, result } = await expectedOf(directory, isWhole)
  const gaps = records.flatMap((record) => (record._tag === 'Gap' ? [[record.fromMillis, record.toMillis, record.reason]] : []))
  return [
    ...differences('bars', (result.sinks.get('bars') ?? []).map(({ value }) => value).map(strip), world.bars().map(({ value }) => value).map(strip)),
    ...differences('dead letters', result.deadLetters.map(expectedPlace), world.letters().map(({ value }) => placeOf(value))),
    ...differences('gaps', gaps, world.gaps().map(({ value }) => [value.from_time, value.to_time, value.reason])),
    ...differences('ledger', [numbers(result.ledger)], [numbers(last.total)]),
    ...differences('unaccounted', [[0, 0]], [[last.total.inFlight, last.total.unaccounted]]),
  ]
}

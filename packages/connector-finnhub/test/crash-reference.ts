// What a run that was killed must have left, computed from the dump of its journal by the reference interpreter.
import type { DeadLetter, GapRow, JournalFrame, JournalRecord, Pipeline, SourceRecord, Traits } from '@millrace/core'
import { endOfPartition, interpret, memoryBatch, type MemoryBatch, type MemoryPartition, type ReferenceDeadLetter, type ReferenceLedger } from '@millrace/core/testing'

/** The only partition of the source. */
const PARTITION = 'live'

/** What must be in the tables, each row in words that do not depend on where it is kept. */
export interface Expected {
  /** By write stage. */
  readonly rows: ReadonlyMap<string, readonly string[]>
  readonly deadLetters: readonly string[]
  readonly gaps: readonly string[]
  readonly ledger: ReferenceLedger
}

/** The fields in the order of their names, so that equal values are equal texts. */
export const canonical = (value: object): string => JSON.stringify(Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))))

const recordOf = ({ number, receivedAtMillis, silentMillis, value, failure }: JournalFrame): SourceRecord<Uint8Array> =>
  ({ value, position: [number], receivedAtMillis, silentMillis, bytes: value.length, ...(failure && { failure }) })

const extrasOf = (first: JournalRecord | undefined): Pick<MemoryBatch<Uint8Array>, 'gap' | 'silentMillis'> => {
  if (first?._tag === 'Gap') return { gap: { fromMillis: first.fromMillis, toMillis: first.toMillis, reason: first.reason } }
  return first?._tag === 'Silence' ? { silentMillis: first.silentMillis } : {}
}

/** The journal as the source gave it: every gap begins a batch, and silence stands alone. */
const batchesOf = (dump: readonly JournalRecord[]): readonly MemoryBatch<Uint8Array>[] => {
  const isStart = (index: number): boolean => index > 0 && (dump[index]?._tag !== 'Frame' || dump[index - 1]?._tag === 'Silence')
  const starts = [0, ...dump.flatMap((_, index) => (isStart(index) ? [index] : [])), dump.length]
  return starts.slice(1).map((end, index) => {
    const part = dump.slice(starts[index], end)
    const records = part.flatMap((record) => (record._tag === 'Frame' ? [recordOf(record)] : []))
    return memoryBatch<Uint8Array>(records, extrasOf(part[0]))
  })
}

const partitionOf = (dump: readonly JournalRecord[]): MemoryPartition<Uint8Array> => ({ name: PARTITION, entries: [...batchesOf(dump), endOfPartition] })

const identityOf = ({ stage, kind, origin, path, eventTimeMillis, key }: ReferenceDeadLetter): string =>
  JSON.stringify([stage, kind, origin.source, origin.partition, JSON.stringify(origin.position), JSON.stringify(path), Number.isFinite(eventTimeMillis) ? eventTimeMillis : null, key ?? null])

/** A dead letter of a table, in the words of {@link Expected}. Its time is in milliseconds. */
export const identityOfRow = ({ stage, stage_kind, source_name, source_partition, source_position, path, event_time, event_key }: DeadLetter): string =>
  JSON.stringify([stage, stage_kind, source_name, source_partition, source_position, path, event_time, event_key])

/** A gap of a table, in the words of {@link Expected}. Its times are in milliseconds. */
export const gapOfRow = ({ source_name, from_time, to_time, reason }: Omit<GapRow, 'gap_id'>): string => JSON.stringify([source_name, from_time, to_time, reason])

/**
 * What a pipeline makes of a journal whose source has ended.
 * @param read the name of the stage that reads it, the only one
 */
export const expectedOf = async <C>(pipeline: Pipeline<C, Traits['reach']>, config: C, read: string, dump: readonly JournalRecord[]): Promise<Expected> => {
  const { sinks, deadLetters, ledger } = await interpret(pipeline, config, new Map([[read, { partitions: [partitionOf(dump)] }]]))
  // as: what a sink of this kind takes is a row
  const rows = new Map([...sinks].map(([write, elements]) => [write, elements.map(({ value }) => canonical(value as object))]))
  const gaps = dump.flatMap((record) => (record._tag === 'Gap' ? [gapOfRow({ source_name: read, from_time: record.fromMillis, to_time: record.toMillis, reason: record.reason })] : []))
  return { rows, deadLetters: deadLetters.map(identityOf), gaps, ledger }
}

const timesIn = (texts: readonly string[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number>()
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1)
  return times
}

const SHOWN = 3

/** What one list has and the other has not, both ways, duplicates counted. */
export const differences = (what: string, found: readonly string[], expected: readonly string[]): readonly string[] => {
  const side = (name: string, here: readonly string[], there: ReadonlyMap<string, number>): readonly string[] => {
    const only = [...timesIn(here)].filter(([text, times]) => times > (there.get(text) ?? 0))
    return only.length === 0 ? [] : [`${what}: ${only.length} only ${name}, such as ${only.slice(0, SHOWN).map(([text]) => text).join(' and ')}`]
  }
  return [...side('in the table', found, timesIn(expected)), ...side('in the reference', expected, timesIn(found))]
}

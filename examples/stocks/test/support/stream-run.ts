import { join } from 'node:path'
import { readJournal, runLocal, type Job, type JournalRecord, type RunSummary } from '@millrace/core'
import type { Exchange } from '@millrace/connector-finnhub/testing'
import { stream, type StreamConfig } from '#src/pipeline.js'
import type { RawTrade } from './naive-bars.js'

/** The live lane of this process, into a folder of its own. */
export const configIn = (folder: string, { url }: { readonly url: string }, symbols: readonly string[]): StreamConfig =>
  ({ symbols: [...symbols], db: join(folder, 'bars.duckdb'), journal: join(folder, 'journal'), keepJournal: true, untilClosed: true, url })

/** Starts it. */
export const runStream = (config: StreamConfig): Job => runLocal(stream, config)

/** Resolves when the exchange has sent so many messages, or everything. */
export const hasSent = async (exchange: Exchange, messages: number): Promise<void> => {
  let isDone = false
  void exchange.done.then(() => (isDone = true))
  while (!isDone && exchange.counts().messages < messages) await new Promise((resolve) => setImmediate(resolve))
}

/** Everything that a journal holds. */
export const dump = async ({ journal }: StreamConfig): Promise<readonly JournalRecord[]> => {
  const records: JournalRecord[] = []
  for await (const record of readJournal(journal)) records.push(record)
  return records
}

/** The trades of one record of a journal whose frames are all good. */
export const tradesOf = (record: JournalRecord): readonly RawTrade[] =>
  // as: the frames are those of a market without bad data
  record._tag === 'Frame' ? ((JSON.parse(record.value.toString('utf8')) as { readonly data?: readonly RawTrade[] }).data ?? []) : []

type Stretch = readonly [from: number, to: number]

/**
 * The stretches of event time of which something may be missing, told from frames and gaps in their order: before the first trade, over each
 * gap from what was out by then to the first later trades behind it, by the bound beyond them, and behind the last trade.
 * @param boundMillis how far out of order trades may come
 */
export const unheard = (records: readonly JournalRecord[], boundMillis: number): readonly Stretch[] => {
  const found: Stretch[] = []
  let [greatest, since] = [-Infinity, -Infinity as number | undefined]
  for (const record of records) {
    const newest = Math.max(...tradesOf(record).map(({ t }) => t))
    if (record._tag === 'Gap') since = Math.min(since ?? Infinity, greatest - boundMillis)
    else if (newest > -Infinity) {
      if (since !== undefined && newest > greatest) {
        found.push([since, newest + boundMillis])
        since = undefined
      }
      greatest = Math.max(greatest, newest)
    }
  }
  return [...found, [since ?? greatest, Infinity]]
}

/** The numbers of several runs, added up. */
export const addedUp = (runs: readonly RunSummary[]): readonly number[] =>
  (['read', 'made', 'expanded', 'filtered', 'aggregated', 'deadLettered'] as const).map((column) => runs.reduce((sum, { thisRun }) => sum + thisRun[column], 0))

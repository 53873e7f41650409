import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommitResult, Data, Host, Row, RunClaim, Sink, SinkContext, SinkWriter } from '@millrace/core'
import { systemClock, systemRandom } from '@millrace/core'
import { type DuckDbTable, duckdbTable, timestampMillis } from '@millrace/sink-duckdb'
import * as t from 'io-ts'

/** A folder for one test, gone afterwards. */
export const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-duckdb-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const contextOf = (pipeline = 'p', version = '1.0.0'): SinkContext => ({
  clock: systemClock, random: systemRandom, signal: new AbortController().signal, warn: () => undefined, pipeline, version,
})

export const Bar = t.type({
  symbol: t.string, window_start: timestampMillis, window_end: timestampMillis,
  open: t.number, high: t.number, low: t.number, close: t.number, volume: t.number, vwap: t.number, trades: t.Int,
  lane: t.keyof({ stream: null, batch: null }), complete: t.boolean,
})
export type Bar = t.TypeOf<typeof Bar>

export const barsTable = (path: string, more: Partial<{ name: string; table: string }> = {}): DuckDbTable<Bar> =>
  duckdbTable({ path, table: 'bars', codec: Bar, key: ['symbol', 'window_start', 'lane'], ...more })

export const T0 = Date.UTC(2023, 10, 14, 22, 13, 20)

export const bar = (symbol: string, window: number, close = 1): Bar => ({
  symbol, window_start: T0 + window * 5_000, window_end: T0 + (window + 1) * 5_000, open: 1, high: 2, low: 0.5, close,
  volume: 10, vwap: 1.25, // A brand that the test vouches for.
  trades: 3 as t.Int, lane: 'batch', complete: true,
})

export const rowOf = <A>(value: A, rowId = 'r'): Row<A> => ({ value, rowId })

/** A pipeline's side of a store: what core does with it. */
export interface Opened {
  readonly host: Host
  readonly writers: readonly SinkWriter<never>[]
  /** `rows` by sink name. */
  commit(rows: Readonly<Record<string, readonly Row<unknown>[]>>, more?: Commit): Promise<CommitResult>
  close(): Promise<void>
}

export interface Commit {
  readonly header?: Data
  readonly reset?: boolean
  readonly changes?: readonly Uint8Array[]
  readonly run?: Partial<RunClaim> & { readonly id: string }
}

export const open = async (
  sinks: readonly Sink<never, 'local', 'single' | 'accumulating', 'exact'>[], pipeline = 'p',
): Promise<Opened> => {
  const context = contextOf(pipeline)
  const store = sinks[0]?.store
  if (store === undefined) throw new Error('no store')
  const host = await store.open(context)
  const writers: SinkWriter<never>[] = []
  for (const sink of sinks) writers.push(await sink.open(context))
  let number = 0
  const commit = (rows: Readonly<Record<string, readonly Row<unknown>[]>>, more: Commit = {}): Promise<CommitResult> =>
    host.commitEpoch({
      pipeline, version: '1.0.0', number: ++number, rows: new Map(Object.entries(rows)),
      checkpoint: { header: more.header ?? null, reset: more.reset ?? false, changes: more.changes ?? [] },
      ...(more.run === undefined ? {} : { run: { replace: false, replaces: [], last: false, ...more.run } }),
    })
  const close = async (): Promise<void> => {
    for (const writer of writers) await writer.close()
    await host.close()
  }
  return { host, writers, commit, close }
}

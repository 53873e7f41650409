import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommitResult, Data, DeadLetter, Host, Row, RunClaim, Sink, SinkContext, SinkWriter } from '@millrace/core'
import { ConnectorError, silentLogger, systemClock, systemRandom } from '@millrace/core'
import { DuckDBInstance } from '@duckdb/node-api'
import { type DuckDbTable, duckdbDeadLetters, duckdbTable, timestampMillis } from '@millrace/sink-duckdb'
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
  clock: systemClock, random: systemRandom, signal: new AbortController().signal, logger: silentLogger, pipeline, version,
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

export const letters = (path: string): DuckDbTable<DeadLetter> => duckdbDeadLetters({ path })

export const deadLetter = (id: string, patch: Partial<DeadLetter> = {}): DeadLetter => ({
  dead_letter_id: id, occurred_at: T0, pipeline: 'p', pipeline_version: '1.0.0', stage: 's', stage_kind: 'decode', connector: null,
  error_code: 'InvalidArgument', error_class: 'Decode', error_message: 'no', error_path: '/x', stack: null, retryable: false, attempt: 1,
  source_name: 'f', source_partition: 'a', source_position: '[0]', path: '[]', event_key: null, event_time: null,
  window_start: null, window_end: null, payload_text: '{}', payload_base64: null, payload_truncated: false, stage_value_json: null,
  attributes_json: null, trace_id: null, replay_of: null, replay_count: 0, status: 'open', ...patch,
})

/** Names that could be taken for those of the sink's own columns. */
const Odd = t.type({ run: t.string, number: t.Int, ord: t.string, 'a "b"': t.string, x: t.number })
export const oddTable = (path: string): DuckDbTable<t.TypeOf<typeof Odd>> =>
  duckdbTable({ path, table: 'odd ones', codec: Odd, key: ['run', 'number', 'ord', 'a "b"'] })

/** What somebody does to a file by hand. */
export const runSql = async (path: string, ...statements: readonly string[]): Promise<void> => {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.disconnectSync()
  instance.closeSync()
}

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
  try {
    for (const sink of sinks) writers.push(await sink.open(context))
  } catch (error) {
    for (const writer of writers) await writer.close()
    await host.close()
    throw error
  }
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

/** The error that an action is refused with; fails if it is not refused. */
export const refusalOf = async (action: () => Promise<unknown>): Promise<ConnectorError> => {
  try {
    await action()
  } catch (error) {
    if (error instanceof ConnectorError) return error
    throw error
  }
  throw new Error('was not refused')
}

import type { Clock, Pipeline, readJournal, runLocal } from '@millrace/core'
import type { duckdbCheckpoint } from '@millrace/sink-duckdb'
import type { BatchConfig, StreamConfig } from '../pipeline.js'
import type { OpenVenue } from '../venue.js'
import type { Output } from './output.js'

/** Reads rows of a DuckDB file. */
export type Query = (path: string, sql: string, params: readonly (string | number | null)[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** What the commands are made of; the composition root chooses. */
export interface Parts {
  readonly stream: Pipeline<StreamConfig, 'local'>
  readonly batch: Pipeline<BatchConfig, 'local'>
  /** What the demo listens to. */
  readonly openVenue: OpenVenue
  readonly run: typeof runLocal
  readonly query: Query
  readonly checkpoint: typeof duckdbCheckpoint
  readonly readJournal: typeof readJournal
  readonly clock: Clock
  readonly output: Output
  readonly env: NodeJS.ProcessEnv
}

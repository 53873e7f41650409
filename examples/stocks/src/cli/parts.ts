import type { Clock, Pipeline, runLocal } from '@millrace/core'
import type { duckdbCheckpoint } from '@millrace/sink-duckdb'
import type { BatchConfig } from '../pipeline.js'
import type { Output } from './output.js'

/** Reads rows of a DuckDB file. */
export type Query = (path: string, sql: string, params: readonly (string | number | null)[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** What the commands are made of; the composition root chooses. */
export interface Parts {
  readonly batch: Pipeline<BatchConfig, 'local'>
  readonly run: typeof runLocal
  readonly query: Query
  readonly checkpoint: typeof duckdbCheckpoint
  readonly clock: Clock
  readonly output: Output
}

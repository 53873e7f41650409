import type { Clock, Pipeline, runLocal } from '@millrace/core'
import type { duckdbCheckpoint } from '@millrace/sink-duckdb'
import type { InjectionToken } from 'tsyringe'
import type { Output } from './cli/output.js'
import type { Query } from './cli/parts.js'
import type { BatchConfig } from './pipeline.js'

/** The names under which the composition root keeps its choices. */
export const BATCH: InjectionToken<Pipeline<BatchConfig, 'local'>> = Symbol('pipeline: batch')
/** What runs a pipeline. */
export const RUN: InjectionToken<typeof runLocal> = Symbol('run')
/** What reads the tables. */
export const QUERY: InjectionToken<Query> = Symbol('query')
/** What reads how far a pipeline has come. */
export const CHECKPOINT: InjectionToken<typeof duckdbCheckpoint> = Symbol('checkpoint')
/** Time. */
export const CLOCK: InjectionToken<Clock> = Symbol('clock')
/** Where words go. */
export const OUTPUT: InjectionToken<Output> = Symbol('output')

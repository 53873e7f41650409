import type { Clock, Pipeline, readJournal, runLocal } from '@millrace/core'
import type { duckdbCheckpoint } from '@millrace/sink-duckdb'
import type { InjectionToken } from 'tsyringe'
import type { Output } from './cli/output.js'
import type { Query } from './cli/parts.js'
import type { BatchConfig, StreamConfig } from './pipeline.js'
import type { OpenVenue } from './venue.js'

/** The names under which the composition root keeps its choices. */
export const STREAM: InjectionToken<Pipeline<StreamConfig, 'local'>> = Symbol('pipeline: stream')
/** The other lane. */
export const BATCH: InjectionToken<Pipeline<BatchConfig, 'local'>> = Symbol('pipeline: batch')
/** What the demo listens to. */
export const VENUE: InjectionToken<OpenVenue> = Symbol('venue')
/** What runs a pipeline. */
export const RUN: InjectionToken<typeof runLocal> = Symbol('run')
/** What reads the tables. */
export const QUERY: InjectionToken<Query> = Symbol('query')
/** What reads how far a pipeline has come. */
export const CHECKPOINT: InjectionToken<typeof duckdbCheckpoint> = Symbol('checkpoint')
/** What reads a journal. */
export const JOURNAL: InjectionToken<typeof readJournal> = Symbol('journal')
/** Time. */
export const CLOCK: InjectionToken<Clock> = Symbol('clock')
/** Where words go. */
export const OUTPUT: InjectionToken<Output> = Symbol('output')
/** The environment's variables. */
export const ENV: InjectionToken<NodeJS.ProcessEnv> = Symbol('environment')

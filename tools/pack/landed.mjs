import * as core from '@millrace/core'
import * as duckdb from '@millrace/sink-duckdb'

/** Whether README's program can be compiled at all yet. */
export const hasLanded = 'runLocal' in core && 'duckdbTable' in duckdb && 'duckdbDeadLetters' in duckdb

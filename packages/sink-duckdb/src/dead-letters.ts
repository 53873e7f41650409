import type { DeadLetter } from '@millrace/core'
import * as t from 'io-ts'
import { integer32, timestampMillis } from './column-codec.js'
import { type DuckDbTable, duckdbTable } from './duckdb-table.js'
import { quote } from './sql-text.js'

const textOrNull = t.union([t.string, t.null])
const timeOrNull = t.union([timestampMillis, t.null])
const Status = t.keyof({ open: null, replayed: null, resolved: null })
const StageKindCodec = t.keyof({
  read: null, parse: null, decode: null, map: null, filter: null, flatMap: null, mapAsync: null, through: null, eventTime: null,
  key: null, window: null, aggregate: null, sink: null,
})

/** The row of core, column by column, in the table's order. */
const DeadLetterRow: t.Type<DeadLetter> = t.type({
  dead_letter_id: t.string, occurred_at: timestampMillis, pipeline: t.string, pipeline_version: t.string,
  stage: t.string, stage_kind: StageKindCodec, connector: textOrNull,
  error_code: t.string, error_class: t.string, error_message: t.string, error_path: textOrNull, stack: textOrNull,
  retryable: t.boolean, attempt: integer32,
  source_name: t.string, source_partition: t.string, source_position: t.string, path: t.string,
  event_key: textOrNull, event_time: timeOrNull, window_start: timeOrNull, window_end: timeOrNull,
  payload_text: textOrNull, payload_base64: textOrNull, payload_truncated: t.boolean, stage_value_json: textOrNull,
  attributes_json: textOrNull, trace_id: textOrNull, replay_of: textOrNull, replay_count: integer32, status: Status,
})

/**
 * The columns of the dead-letter tables of Google's Dataflow templates. A row whose source record is kept on another row
 * shows the element as it reached the stage instead; bytes that are no text are only in `payloadBytes`.
 */
const googleView = (table: string): string => `SELECT
  coalesce(event_time, occurred_at) AS "timestamp",
  coalesce(payload_text, CASE WHEN payload_base64 IS NULL THEN stage_value_json END, '') AS "payloadString",
  coalesce(from_base64(payload_base64), encode(coalesce(payload_text, stage_value_json, ''))) AS "payloadBytes",
  coalesce(map_entries(CAST(CAST(attributes_json AS JSON) AS MAP(VARCHAR, VARCHAR))), []) AS attributes,
  error_message AS "errorMessage",
  stack AS stacktrace
FROM main.${quote(table)}`

/** Where the dead letters go. @public */
export interface DuckDbDeadLettersOptions {
  /** The file of the pipeline's other tables: two files cannot be committed as one. */
  readonly path: string
  /** Default: `dead_letters`. A view `TABLE_google` has the columns of Google's Dataflow templates. */
  readonly table?: string
  /** As in {@link DuckDbTableOptions}. */
  readonly memoryLimit?: string
}

/**
 * The dead-letter table of a DuckDB file: one row per bad element and stage, in the transaction of the good rows.
 * Texts keep NUL characters; a lone surrogate becomes U+FFFD.
 * @public
 */
export const duckdbDeadLetters = ({ path, table = 'dead_letters', memoryLimit }: DuckDbDeadLettersOptions): DuckDbTable<DeadLetter> =>
  duckdbTable({
    path, table, codec: DeadLetterRow, key: ['dead_letter_id'], stamp: false,
    views: { [`${table}_google`]: googleView(table) },
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })

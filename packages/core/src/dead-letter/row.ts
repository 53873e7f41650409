/** Where in the pipeline a dead letter was made. @public */
export type StageKind =
  | 'read'
  | 'parse'
  | 'decode'
  | 'map'
  | 'filter'
  | 'flatMap'
  | 'mapAsync'
  | 'through'
  | 'eventTime'
  | 'key'
  | 'window'
  | 'aggregate'
  | 'sink'

/**
 * One flat row, all scalar: one per bad element and stage. Times are Unix epoch milliseconds.
 * @public
 */
export interface DeadLetter {
  /** Made of pipeline, stage, origin and path, and in the order of positions: the same after a crash, another batching, another version. */
  readonly dead_letter_id: string
  readonly occurred_at: number
  readonly pipeline: string
  readonly pipeline_version: string
  readonly stage: string
  readonly stage_kind: StageKind
  readonly connector: string | null
  /** gRPC-like names: `InvalidArgument`, `OutOfRange`, … */
  readonly error_code: string
  readonly error_class: string
  readonly error_message: string
  /** JSON Pointer from the element: `/c/0`. */
  readonly error_path: string | null
  readonly stack: string | null
  readonly retryable: boolean
  readonly attempt: number
  readonly source_name: string
  readonly source_partition: string
  /** The position as a JSON array. */
  readonly source_position: string
  /** JSON array of flatMap indexes: `[17]`. */
  readonly path: string
  readonly event_key: string | null
  readonly event_time: number | null
  readonly window_start: number | null
  readonly window_end: number | null
  /** The whole source record, once, on its row of the lowest path, if it is valid UTF-8 … */
  readonly payload_text: string | null
  /** … or here, if it is not. Its other rows hold NULL and the same `source_*` columns. */
  readonly payload_base64: string | null
  /** Only beyond the source's `maxRecordBytes`. */
  readonly payload_truncated: boolean
  /** The element as it reached the stage, at most 64 KiB. */
  readonly stage_value_json: string | null
  readonly attributes_json: string | null
  readonly trace_id: string | null
  readonly replay_of: string | null
  readonly replay_count: number
  readonly status: 'open' | 'replayed' | 'resolved'
}

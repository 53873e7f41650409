import { integer64, timestampMillis } from '@millrace/sink-duckdb'
import * as t from 'io-ts'

/** Which way a bar came: live, or from files. */
export const Lane = t.keyof({ stream: null, batch: null }, 'Lane')
/** @see {@link Lane} */
export type Lane = t.TypeOf<typeof Lane>

/**
 * A row of the table `bars`, in the order of its columns; the sink adds `row_id`, `pipeline_version` and `updated_at`.
 * `complete`: no trade of the window can be missing (files: whoever gives them vouches for that).
 */
export const BarRow: t.Type<BarRow> = t.type({
  symbol: t.string,
  window_start: timestampMillis,
  window_end: timestampMillis,
  open: t.number,
  high: t.number,
  low: t.number,
  close: t.number,
  volume: t.number,
  vwap: t.number,
  trades: integer64,
  lane: Lane,
  complete: t.boolean,
}, 'BarRow')
/** @see {@link BarRow} */
export interface BarRow {
  readonly symbol: string
  readonly window_start: number
  readonly window_end: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly vwap: number
  readonly trades: number
  readonly lane: Lane
  readonly complete: boolean
}

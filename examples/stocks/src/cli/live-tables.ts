import type { Query } from './parts.js'
import { NO_TABLES, type LiveTables } from './live-state.js'
import type { ReportedBar } from './report-data.js'

const LAST_BARS = 6

// The time keeps a table of many days from being read as a whole.
const BARS = `SELECT symbol, epoch_ms(window_start)::DOUBLE AS "windowStartMillis", open, high, low, close, volume, vwap, trades::DOUBLE AS trades, lane
  FROM bars WHERE lane = 'stream' AND window_start >= make_timestamp_ms($1::BIGINT) ORDER BY window_start DESC, trades DESC, symbol LIMIT ${LAST_BARS}`
const REASONS = `SELECT count(*)::DOUBLE AS count, stage, error_class AS "errorClass", error_path AS path FROM dead_letters
  WHERE pipeline = $1 GROUP BY stage, error_class, error_path ORDER BY count(*) DESC, stage, error_path`
const GAPS = `SELECT count(*) OVER ()::DOUBLE AS gaps, epoch_ms(to_time)::DOUBLE - epoch_ms(from_time)::DOUBLE AS millis, reason
  FROM gaps ORDER BY to_time DESC LIMIT 1`

const RECENT_MILLIS = 3_600_000

/** Reads what the live lane has committed. Before the first commit there may be no table. */
export const loadLiveTables = async (query: Query, db: string, pipeline: string, watermarkMillis: number): Promise<LiveTables> => {
  // as: each statement names its columns after the fields of the type beside it
  const bars = Number.isFinite(watermarkMillis)
    ? ((await query(db, BARS, [Math.floor(watermarkMillis) - RECENT_MILLIS])) as unknown as readonly ReportedBar[]) // as: see above
    : NO_TABLES.bars
  const reasons = (await query(db, REASONS, [pipeline])) as unknown as LiveTables['reasons'] // as: see above
  const [gap] = (await query(db, GAPS, [])) as unknown as readonly { readonly gaps: number; readonly millis: number; readonly reason: string }[] // as: see above
  return { bars: [...bars].reverse(), reasons, gaps: gap?.gaps ?? 0, lastGap: gap }
}

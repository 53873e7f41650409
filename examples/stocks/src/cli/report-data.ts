import { checkTables } from './check-tables.js'
import type { Sent } from '../venue.js'
import type { Query } from './parts.js'

/** Bars of one symbol, or of all. */
export interface BarSummary {
  readonly bars: number
  readonly symbols: number
  readonly trades: number
  readonly volume: number
  /** Start of the first and end of the last bar, Unix milliseconds; `null` without bars. */
  readonly fromMillis: number | null
  readonly toMillis: number | null
}

/** One bar. */
export interface ReportedBar {
  readonly symbol: string
  readonly windowStartMillis: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly vwap: number
  readonly trades: number
  readonly lane: string
}

/** All bars of a symbol, in one line. */
export interface SymbolSummary {
  readonly symbol: string
  readonly bars: number
  readonly trades: number
  readonly volume: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** What one lane has in `bars`. */
export interface LaneSummary {
  readonly lane: string
  readonly bars: number
  readonly trades: number
  /** Bars of which no trade can be missing. */
  readonly complete: number
}

/** A time in which the live lane heard nothing. */
export interface ReportedGap {
  readonly source: string
  readonly fromMillis: number
  /** `null`: it has not ended. */
  readonly toMillis: number | null
  readonly reason: string
}

/** Dead letters of one reason. */
export interface Reason {
  readonly count: number
  readonly stage: string
  readonly errorCode: string
  readonly errorClass: string
  /** JSON Pointer of the field at fault; `null` where the whole element is. */
  readonly path: string | null
  /** One of the messages; those of a reason may differ in the values they name. Files without their folders. */
  readonly example: string
}

/** What a file holds. A file may have only one of the tables, or none. */
export interface ReportData {
  readonly db: string
  readonly bars: BarSummary
  /** The symbol that was probably meant, where the one asked for has no bars. */
  readonly meant?: string
  readonly bySymbol: readonly SymbolSummary[]
  readonly lastBars: readonly ReportedBar[]
  /** By lane; of the symbol asked for. */
  readonly lanes: readonly LaneSummary[]
  /** How many there are, of all symbols. */
  readonly gaps: number
  /** The last few, in order. */
  readonly lastGaps: readonly ReportedGap[]
  readonly deadLetters: number
  readonly reasons: readonly Reason[]
}

const LAST_BARS = 8
const LAST_GAPS = 5
const NO_BARS: BarSummary = { bars: 0, symbols: 0, trades: 0, volume: 0, fromMillis: null, toMillis: null }

// Every number is cast to DOUBLE: counts and times of this size are exact in it, and it needs no BigInt. `fsum` carries along what
// a sum of doubles loses, which would show as 97781482.90900005.
const ONE_SYMBOL = '($1::VARCHAR IS NULL OR symbol = $1::VARCHAR)'

const SUMMARY = `SELECT count(*)::DOUBLE AS bars, count(DISTINCT symbol)::DOUBLE AS symbols, coalesce(sum(trades), 0)::DOUBLE AS trades,
  coalesce(fsum(volume), 0) AS volume, epoch_ms(min(window_start))::DOUBLE AS "fromMillis", epoch_ms(max(window_end))::DOUBLE AS "toMillis"
  FROM bars_consolidated WHERE ${ONE_SYMBOL}`

const BY_SYMBOL = `SELECT symbol, count(*)::DOUBLE AS bars, sum(trades)::DOUBLE AS trades, fsum(volume) AS volume,
  arg_min(open, window_start) AS open, max(high) AS high, min(low) AS low, arg_max(close, window_start) AS close
  FROM bars_consolidated WHERE ${ONE_SYMBOL} GROUP BY symbol ORDER BY sum(volume * vwap) DESC, symbol`

const LAST = `SELECT symbol, epoch_ms(window_start)::DOUBLE AS "windowStartMillis", open, high, low, close, volume, vwap, trades::DOUBLE AS trades, lane
  FROM bars_consolidated WHERE ${ONE_SYMBOL} ORDER BY window_start DESC, symbol DESC LIMIT ${LAST_BARS}`

const LANES = `SELECT lane, count(*)::DOUBLE AS bars, sum(trades)::DOUBLE AS trades, count(*) FILTER (complete)::DOUBLE AS complete
  FROM bars WHERE ${ONE_SYMBOL} GROUP BY lane ORDER BY lane`

const GAPS = `SELECT count(*) OVER ()::DOUBLE AS total, source_name AS source, epoch_ms(from_time)::DOUBLE AS "fromMillis",
  epoch_ms(to_time)::DOUBLE AS "toMillis", reason FROM gaps ORDER BY from_time DESC, gap_id LIMIT ${LAST_GAPS}`

const FOUND = `SELECT (SELECT coalesce(sum(trades), 0)::DOUBLE FROM bars WHERE lane = $1) AS trades,
  (SELECT count(*)::DOUBLE FROM dead_letters WHERE pipeline = $2) AS bad`

const REASONS = `SELECT count(*)::DOUBLE AS count, stage, error_code AS "errorCode", error_class AS "errorClass", error_path AS path,
  min_by(replace(error_message, source_partition, parse_filename(source_partition)), dead_letter_id) AS example
  FROM dead_letters GROUP BY stage, error_code, error_class, error_path
  ORDER BY count(*) DESC, stage, error_class, error_path`

const SYMBOLS = 'SELECT symbol FROM bars_consolidated GROUP BY symbol ORDER BY sum(volume * vwap) DESC, symbol'

const SYMBOL_LIKE = 'SELECT min(symbol) AS symbol FROM bars_consolidated WHERE lower(symbol) = lower($1::VARCHAR)'

const loadBars = async (query: Query, db: string, symbol: string | null): Promise<Pick<ReportData, 'bars' | 'bySymbol' | 'lastBars' | 'lanes'>> => {
  // as: each statement names its columns after the fields of the type beside it
  const [bars = NO_BARS] = (await query(db, SUMMARY, [symbol])) as unknown as readonly BarSummary[]
  const bySymbol = (await query(db, BY_SYMBOL, [symbol])) as unknown as readonly SymbolSummary[] // as: see above
  const lastBars = (await query(db, LAST, [symbol])) as unknown as readonly ReportedBar[] // as: see above
  const lanes = (await query(db, LANES, [symbol])) as unknown as readonly LaneSummary[] // as: see above
  return { bars, bySymbol, lastBars: [...lastBars].reverse(), lanes }
}

const loadGaps = async (query: Query, db: string): Promise<Pick<ReportData, 'gaps' | 'lastGaps'>> => {
  const rows = (await query(db, GAPS, [])) as unknown as readonly (ReportedGap & { readonly total: number })[] // as: see loadBars
  return { gaps: rows[0]?.total ?? 0, lastGaps: rows.map(({ total: _total, ...gap }) => gap).reverse() }
}

/** What a lane's pipeline has in `bars` and `dead_letters`, which must be there. */
export const loadFound = async (query: Query, db: string, pipeline: string, lane: string): Promise<Sent> => {
  const [row] = (await query(db, FOUND, [lane, pipeline])) as unknown as readonly Sent[] // as: see loadBars
  return row ?? { trades: 0, bad: 0 }
}

/** Reads why there are dead letters, the most frequent reason first. The table must be there. */
export const loadReasons = async (query: Query, db: string): Promise<readonly Reason[]> =>
  (await query(db, REASONS, [])) as unknown as readonly Reason[] // as: see loadBars

/** Reads which symbol with bars differs from this one only in capitals. The bars must be there. */
const loadSymbolLike = async (query: Query, db: string, symbol: string): Promise<string | undefined> => {
  const [row] = await query(db, SYMBOL_LIKE, [symbol])
  return typeof row?.['symbol'] === 'string' ? row['symbol'] : undefined
}

/** Reads which symbols have bars, by turnover. */
export const loadSymbols = async (query: Query, db: string): Promise<readonly string[]> => {
  const relations = await checkTables(query, db)
  return relations.has('bars_consolidated') ? (await query(db, SYMBOLS, [])).map(({ symbol }) => String(symbol)) : []
}

/** Reads what a DuckDB file holds, also while a run is writing it. Tables that are not there count as empty. */
export const loadReport = async (query: Query, db: string, symbol: string | undefined): Promise<ReportData> => {
  const relations = await checkTables(query, db)
  const ofBars = relations.has('bars_consolidated') ? await loadBars(query, db, symbol ?? null) : { bars: NO_BARS, bySymbol: [], lastBars: [], lanes: [] }
  const reasons = relations.has('dead_letters') ? await loadReasons(query, db) : []
  const ofGaps = relations.has('gaps') ? await loadGaps(query, db) : { gaps: 0, lastGaps: [] }
  const meant = symbol !== undefined && ofBars.bars.bars === 0 && relations.has('bars_consolidated') ? await loadSymbolLike(query, db, symbol) : undefined
  const deadLetters = reasons.reduce((sum, { count }) => sum + count, 0)
  return { db, ...ofBars, ...ofGaps, ...(meant === undefined ? {} : { meant }), deadLetters, reasons }
}

import { duckdbTable, type DuckDbTable } from '@millrace/sink-duckdb'
import { BarRow } from './bar-row.js'

/** One bar for each symbol and window, whichever lanes have one: a complete one before others, then the one from files. */
const CONSOLIDATED = `SELECT * FROM bars QUALIFY row_number() OVER (
  PARTITION BY symbol, window_start ORDER BY complete DESC, lane = 'batch' DESC) = 1`

/** When the live lane heard nothing: every reconnection is a gap. The batch lane makes none. */
const GAPS = `CREATE TABLE IF NOT EXISTS gaps (gap_id VARCHAR PRIMARY KEY, source_name VARCHAR NOT NULL,
  from_time TIMESTAMP NOT NULL, to_time TIMESTAMP, reason VARCHAR NOT NULL)`

/** The table of the bars of all lanes, with the view `bars_consolidated` and the table `gaps` beside it. */
export const barsTable = (db: string): DuckDbTable<BarRow> =>
  duckdbTable({
    path: db,
    table: 'bars',
    codec: BarRow,
    key: ['symbol', 'window_start', 'lane'],
    views: { bars_consolidated: CONSOLIDATED },
    also: [GAPS],
  })

import { duckdbTable, type DuckDbTable } from '@millrace/sink-duckdb'
import { BarRow } from './bar-row.js'

/** One bar for each symbol and window, whichever lanes have one: a complete one before others, then the one from files. */
const CONSOLIDATED = `SELECT * FROM bars QUALIFY row_number() OVER (
  PARTITION BY symbol, window_start ORDER BY complete DESC, lane = 'batch' DESC) = 1`

/** The table of the bars of all lanes with the view `bars_consolidated` beside it. */
export const barsTable = (db: string): DuckDbTable<BarRow> =>
  duckdbTable({
    path: db,
    table: 'bars',
    codec: BarRow,
    key: ['symbol', 'window_start', 'lane'],
    views: { bars_consolidated: CONSOLIDATED },
  })

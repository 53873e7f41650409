import { folder } from '@millrace/connector-gcs'
import { definePipeline, fixedWindows, parseJson, type Collection, type Ingest, type Traits } from '@millrace/core'
import { duckdbDeadLetters } from '@millrace/sink-duckdb'
import * as t from 'io-ts'
import { BAR_MILLIS, bar, toRow } from './bar.js'
import { type BarRow, type Lane } from './bar-row.js'
import { barsTable } from './bars-table.js'
import { Trade } from './trade.js'

/** How far ahead of its record's arrival a trade may claim to be. Catches microseconds, among others. */
const MAX_AHEAD_MILLIS = 60_000

/** What the batch lane needs: files and folders of trades, and the DuckDB file. */
export const BatchConfig = t.intersection([
  t.type({ paths: t.array(t.string), db: t.string }),
  t.partial({ format: t.keyof({ auto: null, lines: null, array: null, document: null }) }),
], 'BatchConfig')
/** @see {@link BatchConfig} */
export type BatchConfig = t.TypeOf<typeof BatchConfig>

/** Files hold bare trades, in no order that could be relied upon: nothing is late in them. */
const filesToTrades = <T extends Traits>(records: Ingest<Uint8Array, T>): Collection<Trade, T> =>
  records
    .apply(parseJson)
    .decode('trade', Trade)
    .eventTime('time of trade', (trade) => trade.t, { boundMillis: 0, maxAheadMillis: MAX_AHEAD_MILLIS, field: '/t' })

const bars = (lane: Lane) => <T extends Traits>(trades: Collection<Trade, T>): Collection<BarRow, T> =>
  trades
    .filter('no price updates', (trade) => trade.v > 0)
    .keyBy('symbol', (trade) => trade.s)
    .window(fixedWindows({ sizeMillis: BAR_MILLIS }))
    .aggregate('ohlcv', bar)
    .map('row', toRow(lane))

/** Trades in files become rows of `bars`, and what is no trade rows of `dead_letters`, in one DuckDB file. */
export const batch = definePipeline({
  name: 'stocks-batch',
  module: import.meta.url,
  config: BatchConfig,
  deadLetters: ({ db }) => duckdbDeadLetters({ path: db }),
  build: (p, { paths, db, format }) =>
    p.read('files', folder(format === undefined ? { paths } : { paths, format }))
      .apply(filesToTrades)
      .apply(bars('batch'))
      .write('bars', barsTable(db)),
})

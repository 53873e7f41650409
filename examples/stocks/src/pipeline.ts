import { finnhubTrades } from '@millrace/connector-finnhub'
import { folder } from '@millrace/connector-gcs'
import { definePipeline, fixedWindows, journaled, parseJson, SecretRef, type Collection, type Ingest, type Traits } from '@millrace/core'
import { duckdbDeadLetters } from '@millrace/sink-duckdb'
import * as t from 'io-ts'
import { BAR_MILLIS, bar, toRow } from './bar.js'
import { type BarRow, type Lane } from './bar-row.js'
import { barsTable } from './bars-table.js'
import { Frame, hasTrades } from './frame.js'
import { gapsTable } from './gaps-table.js'
import { Trade } from './trade.js'

/** How far ahead of its record's arrival a trade may claim to be. Catches microseconds, among others. */
const MAX_AHEAD_MILLIS = 60_000
const TIME_FIELD = '/t'

/** What the live lane needs: symbols, the journal's folder, and the DuckDB file. The key is named only, never held. */
export const StreamConfig = t.intersection([
  t.type({ symbols: t.array(t.string), db: t.string, journal: t.string, keepJournal: t.boolean, untilClosed: t.boolean }),
  t.partial({ url: t.string, key: SecretRef }),
], 'StreamConfig')
/** @see {@link StreamConfig} */
export type StreamConfig = t.TypeOf<typeof StreamConfig>

/** What the batch lane needs: files and folders of trades, and the DuckDB file. */
export const BatchConfig = t.intersection([
  t.type({ paths: t.array(t.string), db: t.string }),
  t.partial({ format: t.keyof({ auto: null, lines: null, array: null, document: null }) }),
], 'BatchConfig')
/** @see {@link BatchConfig} */
export type BatchConfig = t.TypeOf<typeof BatchConfig>

/** A frame holds several trades, a file bare ones: two ways in, one way on. */
export const framesToTrades = <T extends Traits>(frames: Ingest<Uint8Array, T>): Collection<Trade, T> =>
  frames
    .apply(parseJson)
    .decode('frame', Frame)
    .filter('with trades', hasTrades)
    .flatMap('each trade', (frame) => frame.data)
    .decode('trade', Trade)
    .eventTime('time of trade', (trade) => trade.t, {
      boundMillis: 3_000, idleAfterMillis: 10_000, maxJumpMillis: 600_000, maxAheadMillis: MAX_AHEAD_MILLIS, field: TIME_FIELD,
    })

/** Files hold bare trades, in no order that could be relied upon: nothing is late in them. */
const filesToTrades = <T extends Traits>(records: Ingest<Uint8Array, T>): Collection<Trade, T> =>
  records
    .apply(parseJson)
    .decode('trade', Trade)
    .eventTime('time of trade', (trade) => trade.t, { boundMillis: 0, maxAheadMillis: MAX_AHEAD_MILLIS, field: TIME_FIELD })

/** Trades become the rows of a lane's bars. */
export const bars = (lane: Lane) => <T extends Traits>(trades: Collection<Trade, T>): Collection<BarRow, T> =>
  trades
    .filter('no price updates', (trade) => trade.v > 0)
    .keyBy('symbol', (trade) => trade.s)
    .window(fixedWindows({ sizeMillis: BAR_MILLIS }))
    .aggregate('ohlcv', bar)
    .map('row', toRow(lane))

/** What both lanes share: where the file is decides, nothing else. */
const tables = {
  deadLetters: ({ db }: { readonly db: string }) => duckdbDeadLetters({ path: db }),
  gaps: ({ db }: { readonly db: string }) => gapsTable(db),
}

/** Trades from Finnhub's websocket become rows of `bars`, exactly once: every frame is in the journal before it is looked at. */
export const stream = definePipeline({
  ...tables,
  name: 'stocks-stream',
  module: import.meta.url,
  config: StreamConfig,
  build: (p, { db, journal, keepJournal, ...exchange }) =>
    p.read('finnhub', journaled(finnhubTrades(exchange), { directory: journal, keep: keepJournal }))
      .apply(framesToTrades)
      .apply(bars('stream'))
      .write('bars', barsTable(db)),
})

/** Trades in files become rows of `bars`, and what is no trade rows of `dead_letters`, in one DuckDB file. */
export const batch = definePipeline({
  ...tables,
  name: 'stocks-batch',
  module: import.meta.url,
  config: BatchConfig,
  build: (p, { paths, db, format }) =>
    p.read('files', folder(format === undefined ? { paths } : { paths, format }))
      .apply(filesToTrades)
      .apply(bars('batch'))
      .write('bars', barsTable(db)),
})

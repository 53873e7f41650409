// The stocks example's batch pipeline, whose files are generated while they are read.
import { objects } from '@millrace/connector-gcs'
import { definePipeline, fixedWindows, parseJson } from '@millrace/core'
import { bar, BAR_MILLIS, toRow, Trade } from '../../examples/stocks/dist/index.js'
import { barsTable } from '../../examples/stocks/dist/bars-table.js'
import { duckdbDeadLetters } from '@millrace/sink-duckdb'
import * as t from 'io-ts'

/** @param {import('@millrace/connector-gcs').ObjectStore} store */
export const soakPipeline = (store) =>
  definePipeline({
    name: 'soak',
    module: import.meta.url,
    config: t.type({ db: t.string }),
    deadLetters: ({ db }) => duckdbDeadLetters({ path: db }),
    build: (p, { db }) =>
      p.read('files', objects(store))
        .apply(parseJson)
        .decode('trade', Trade)
        .eventTime('time of trade', (trade) => trade.t, { boundMillis: 0, maxAheadMillis: 60_000, field: '/t' })
        .filter('no price updates', (trade) => trade.v > 0)
        .keyBy('symbol', (trade) => trade.s)
        .window(fixedWindows({ sizeMillis: BAR_MILLIS }))
        .aggregate('ohlcv', bar)
        .map('row', toRow('batch'))
        .write('bars', barsTable(db)),
  })

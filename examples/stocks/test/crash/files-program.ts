// The example's batch pipeline with other ends, for the crash driver: the files of the first folder into tables in files of the
// second one, with checkpoints in files too, after every batch.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from '@millrace/connector-gcs'
import { definePipeline, fileCheckpoints, fixedWindows, parseJson, runLocal, type DeadLetter, type Traits } from '@millrace/core'
import { crashInstrumentFromEnv, fileTable, memorySink } from '@millrace/core/testing'
import * as t from 'io-ts'
import { BAR_MILLIS, bar, toRow } from '#src/bar.js'
import type { BarRow } from '#src/bar-row.js'
import { Trade } from '#src/trade.js'

const [input = '', directory = ''] = process.argv.slice(2)

const table = <A>(name: string): ReturnType<typeof memorySink<A, Traits['panes'], 'exact'>> =>
  memorySink<A, Traits['panes'], 'exact'>({ name, guarantee: 'exact', table: fileTable<A>({ path: join(directory, `${name}.jsonl`) }) })
const deadLetters = table<DeadLetter>('dead_letters')
const bars = table<BarRow>('bars')

const pipeline = definePipeline({
  name: 'stocks-in-files',
  module: import.meta.url,
  config: t.type({ path: t.string }),
  deadLetters: () => deadLetters,
  build: (p, { path }) =>
    p.read('files', folder({ paths: [path] }))
      .apply(parseJson)
      .decode('trade', Trade)
      .eventTime('time of trade', (trade) => trade.t, { boundMillis: 0, maxAheadMillis: 60_000 })
      .filter('no price updates', (trade) => trade.v > 0)
      .keyBy('symbol', (trade) => trade.s)
      .window(fixedWindows({ sizeMillis: BAR_MILLIS }))
      .aggregate('ohlcv', bar)
      .map('row', toRow('batch'))
      .write('bars', bars),
})

const instrument = crashInstrumentFromEnv()
const checkpoints = fileCheckpoints({ directory: join(directory, 'checkpoints') })
const { total } = await runLocal(pipeline, { path: input }, { checkpoints, epochMillis: 0, concurrency: 2, ...(instrument && { instrument }) }).done
writeFileSync(join(directory, 'outcome.json'), JSON.stringify({ total }))

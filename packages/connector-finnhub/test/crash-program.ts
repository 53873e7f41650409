// Live bars for the crash driver: the exchange at the URL in the folder given, the source, its journal, tables in files, and a checkpoint
// after every batch. All that it keeps is in that folder.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { finnhubTrades } from '@millrace/connector-finnhub'
import { combine, definePipeline, fileCheckpoints, fixedWindows, journaled, parseJson, RefusedError, runLocal, type DeadLetter, type GapRow, type Pipeline, type Sink, type Traits } from '@millrace/core'
import { crashInstrumentFromEnv, fileTable, memorySink } from '@millrace/core/testing'
import * as t from 'io-ts'

const Frame = t.type({ type: t.literal('trade'), data: t.UnknownArray })
const Trade = t.type({ s: t.string, p: t.number, v: t.number, t: t.Int })
type Trade = t.TypeOf<typeof Trade>

/** A row of `bars`. */
export interface Bar {
  readonly symbol: string
  readonly start: number
  readonly complete: boolean
  readonly open: number
  readonly high: number
  readonly close: number
  readonly volume: number
  readonly trades: number
}

const bar = combine.struct({
  open: combine.first((trade: Trade) => trade.p),
  high: combine.max((trade: Trade) => trade.p),
  close: combine.last((trade: Trade) => trade.p),
  volume: combine.sum((trade: Trade) => trade.v),
  trades: combine.count<Trade>(),
})

/** Where one of the tables of a folder is. */
export const tableFile = (directory: string, name: 'bars' | 'dead-letters' | 'gaps'): string => join(directory, `${name}.jsonl`)
/** Where the journal of a folder is. */
export const journalOf = (directory: string): string => join(directory, 'journal')
/** Where the exchange's address is to be put. */
export const urlFile = (directory: string): string => join(directory, 'url.txt')
/** Where the ledger is, once the run has ended; `null` if it had ended before it was killed, and said so when it was run again. */
export const ledgerFile = (directory: string): string => join(directory, 'ledger.json')

const table = <A>(directory: string, name: 'bars' | 'dead-letters' | 'gaps'): Sink<A, 'local', Traits['panes'], 'exact'> =>
  memorySink<A, Traits['panes'], 'exact'>({ name, guarantee: 'exact', table: fileTable<A>({ path: tableFile(directory, name) }) })

/** The pipeline of a folder: constructing it opens nothing. */
export const liveBars = (directory: string): Pipeline<null, Traits['reach']> => {
  const live = finnhubTrades({ symbols: ['AAPL', 'NVDA', 'MSFT'], url: readFileSync(urlFile(directory), 'utf8'), untilClosed: true, reconnect: { initialDelayMillis: 20, maxDelayMillis: 50 } })
  return definePipeline({
    name: 'live-bars', module: import.meta.url, config: t.null,
    deadLetters: () => table<DeadLetter>(directory, 'dead-letters'),
    gaps: () => table<GapRow>(directory, 'gaps'),
    build: (p) =>
      p.read('finnhub', journaled(live, { directory: journalOf(directory), keep: true, maxBytes: 65_536, segmentBytes: 8_192 }))
        .apply(parseJson)
        .decode('frame', Frame)
        .flatMap('each trade', ({ data }) => data)
        .decode('trade', Trade)
        .eventTime('time of trade', (trade) => trade.t, { boundMillis: 500, idleAfterMillis: 10_000, maxJumpMillis: 600_000, maxAheadMillis: 60_000 })
        .filter('no price updates', (trade) => trade.v > 0)
        .keyBy('symbol', (trade) => trade.s)
        .window(fixedWindows({ sizeMillis: 1_000 }))
        .aggregate('bar', bar)
        .map('row', ({ key, window, complete, value }): Bar => ({ symbol: key, start: window.startMillis, complete, ...value }))
        .write('bars', table<Bar>(directory, 'bars')),
  })
}

const main = async (directory: string): Promise<void> => {
  const instrument = crashInstrumentFromEnv()
  const checkpoints = fileCheckpoints({ directory: join(directory, 'checkpoints') })
  const keep = (ledger: unknown): void => writeFileSync(ledgerFile(directory), JSON.stringify(ledger))
  try {
    keep((await runLocal(liveBars(directory), null, { checkpoints, epochMillis: 0, ...(instrument && { instrument }) }).done).total)
  } catch (error) {
    if (!(error instanceof RefusedError && error._tag === 'Drained')) throw error
    keep(null)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? '')

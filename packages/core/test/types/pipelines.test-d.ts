// What must compile and what must not: this file is only compiled. Every line that must not is marked, and the build
// fails if it does compile.
import * as t from 'io-ts'
import { expectTypeOf } from 'expect-type'
import {
  combine,
  definePipeline,
  fixedWindows,
  parseJson,
  runLocal,
  type Collection,
  type Combine,
  type DeadLetter,
  type Guarantee,
  type Ingest,
  type Job,
  type Pane,
  type Pipeline,
  type Sink,
  type Source,
  type Traits,
} from '@millrace/core'

const Trade = t.intersection([t.type({ s: t.string, p: t.number, t: t.number, v: t.number }), t.partial({ c: t.union([t.array(t.string), t.null]) })])
type Trade = t.TypeOf<typeof Trade>
const Frame = t.type({ type: t.literal('trade'), data: t.array(t.unknown) })

declare function frames(o: { symbols: readonly string[] }): Source<Uint8Array, number, 'local'>
declare function folder(o: { path: string }): Source<Uint8Array, number, 'local'>
declare function messages(o: { subscription: string }): Source<Uint8Array, string, 'portable'>
declare function localTable<A>(o: { path: string }): Sink<A, 'local', 'single' | 'accumulating', 'exact'>
declare function cloudTable<A>(o: { table: string }): Sink<A, 'portable', 'single', Guarantee>
/** What a Beam runtime asks for. */
declare function runRemotely<C>(pipeline: Pipeline<C, 'portable'>, config: C): Job

const bar = combine.struct({
  open: combine.first((x: Trade) => x.p),
  high: combine.max((x: Trade) => x.p),
  low: combine.min((x: Trade) => x.p),
  close: combine.last((x: Trade) => x.p),
  volume: combine.sum((x: Trade) => x.v),
  trades: combine.count<Trade>(),
})
interface Row {
  symbol: string
  start: number
  open: number
  trades: number
}
const toRow = ({ key, window, value }: Pane<string, { readonly open: number; readonly trades: number }>): Row => ({
  symbol: key,
  start: window.startMillis,
  open: value.open,
  trades: value.trades,
})

const framesToTrades = <T extends Traits>(records: Ingest<Uint8Array, T>): Collection<Trade, T> =>
  records
    .apply(parseJson)
    .decode('frame', Frame)
    .flatMap('each trade', (frame) => frame.data)
    .decode('trade', Trade)
    .eventTime('time of trade', (x) => x.t, { boundMillis: 3_000 })
const filesToTrades = <T extends Traits>(records: Ingest<Uint8Array, T>): Collection<Trade, T> =>
  records.apply(parseJson).decode('trade', Trade).eventTime('time of trade', (x) => x.t, { boundMillis: 0 })
const bars = <T extends Traits>(trades: Collection<Trade, T>): Collection<Row, T> =>
  trades
    .keyBy('symbol', (x) => x.s)
    .window(fixedWindows({ sizeMillis: 5_000 }))
    .aggregate('ohlcv', bar)
    .map('row', toRow)

const Config = t.type({ db: t.string })
const module = import.meta.url
const deadLetters = ({ db }: { db: string }): Sink<DeadLetter, 'local', 'single' | 'accumulating', 'exact'> => localTable({ path: db })
const portableDeadLetters = (): Sink<DeadLetter, 'portable', 'single', Guarantee> => cloudTable({ table: 'd' })

const stream = definePipeline({
  name: 'stream',
  module,
  config: Config,
  deadLetters,
  build: (p, { db }) => p.read('frames', frames({ symbols: [] })).apply(framesToTrades).apply(bars).write('bars', localTable({ path: db })),
})
export const batch = definePipeline({
  name: 'batch',
  module,
  config: Config,
  deadLetters,
  build: (p, { db }) => p.read('files', folder({ path: 'x' })).apply(filesToTrades).apply(bars).write('bars', localTable({ path: db })),
})
const cloud = definePipeline({
  name: 'cloud',
  module,
  config: Config,
  deadLetters: portableDeadLetters,
  build: (p) => p.read('frames', messages({ subscription: 'x' })).apply(framesToTrades).apply(bars).write('bars', cloudTable({ table: 'bars' })),
})

expectTypeOf(stream).toEqualTypeOf<Pipeline<{ db: string }, 'local'>>()
expectTypeOf(cloud).toEqualTypeOf<Pipeline<{ db: string }, 'portable'>>()
expectTypeOf(runLocal(stream, { db: 'x' })).toEqualTypeOf<Job>()
runRemotely(cloud, { db: '' })
// @ts-expect-error a local file cannot be written by remote workers
runRemotely(stream, { db: '' })
// @ts-expect-error the config is the codec's
runLocal(stream, { database: 'x' })

// One local part makes the whole pipeline local.
const localLetters = definePipeline({
  name: 'x',
  module,
  config: Config,
  deadLetters,
  build: (p) => p.read('m', messages({ subscription: 'x' })).apply(framesToTrades).apply(bars).write('bars', cloudTable({ table: 'bars' })),
})
expectTypeOf(localLetters).toEqualTypeOf<Pipeline<{ db: string }, 'local'>>()
const through = definePipeline({
  name: 'x',
  module,
  config: Config,
  deadLetters: portableDeadLetters,
  build: (p) =>
    p
      .read('m', messages({ subscription: 'x' }))
      .apply(framesToTrades)
      .through<Trade>('rx', (batches) => batches)
      .apply(bars)
      .write('bars', cloudTable({ table: 'bars' })),
})
expectTypeOf(through).toEqualTypeOf<Pipeline<{ db: string }, 'local'>>()

definePipeline({
  name: 'x',
  module,
  config: Config,
  deadLetters,
  // @ts-expect-error results that go nowhere
  build: (p) => {
    p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars)
  },
})
definePipeline({
  name: 'x',
  module,
  config: Config,
  deadLetters,
  // @ts-expect-error a collection is no output: it was never written
  build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars),
})
// @ts-expect-error no pipeline without a place for its dead letters
definePipeline({ name: 'x', module, config: Config, build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars).write('b', localTable({ path: 'x' })) })
definePipeline({
  name: 'x',
  module,
  config: Config,
  deadLetters,
  build: (p) =>
    p
      .read('m', messages({ subscription: 'x' }))
      .apply(framesToTrades)
      .keyBy('symbol', (x) => x.s)
      .window(fixedWindows({ sizeMillis: 5_000 }), { panes: 'accumulating' })
      .aggregate('ohlcv', bar)
      .map('row', toRow)
      // @ts-expect-error an append-only table cannot take panes that replace earlier ones
      .write('bars', cloudTable({ table: 'bars' })),
})
definePipeline({
  name: 'x',
  module,
  config: Config,
  deadLetters,
  build: (p) =>
    p
      .read('f', folder({ path: 'x' }))
      .apply(framesToTrades)
      .keyBy('symbol', (x) => x.s)
      .window(fixedWindows({ sizeMillis: 5_000 }), { panes: 'accumulating' })
      .aggregate('ohlcv', bar)
      .map('row', toRow)
      .write('bars', localTable({ path: 'x' })),
})
// @ts-expect-error there is no window before event time
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).keyBy('k', () => 'k') })
// @ts-expect-error only bytes can be parsed
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).map('n', () => 1).apply(parseJson) })
// @ts-expect-error a stage's function takes what the stage before gives
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).map('r', (x: { nope: 1 }) => x).write('b', localTable({ path: 'x' })) })
// @ts-expect-error a sink takes its own rows only
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars).write('b', localTable<{ other: string }>({ path: 'x' })) })

// @ts-expect-error a sink with a column that the rows do not fill
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars).write('b', localTable<Row & { vwap: number }>({ path: 'x' })) })
// @ts-expect-error a sink that takes some symbols only
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars).write('b', localTable<Omit<Row, 'symbol'> & { symbol: 'A' | 'B' }>({ path: 'x' })) })
// @ts-expect-error a value that may be null, and a column that may not
definePipeline({ name: 'x', module, config: Config, deadLetters, build: (p) => p.read('f', folder({ path: 'x' })).apply(filesToTrades).apply(bars).map('n', (row) => ({ ...row, open: row.open > 0 ? row.open : null })).write('b', localTable<Row>({ path: 'x' })) })

const mixed = combine.struct({ a: combine.sum((v: { x: number }) => v.x), b: combine.sum((v: { y: number }) => v.y) })
// any: the accumulator is the combine's own affair
export const whole: Combine<{ x: number; y: number }, any, { readonly a: number; readonly b: number }> = mixed
// @ts-expect-error parts over different inputs: the struct needs an input that has both
export const half: Combine<{ x: number }, any, unknown> = mixed

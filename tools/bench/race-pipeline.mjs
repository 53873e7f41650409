// The race as a pipeline: its own codec, and integers only in its bars, so that every engine makes the same rows.
import * as t from 'io-ts'
import { combine, definePipeline, fixedWindows, parseJson } from '@millrace/core'
import * as race from './race-input.mjs'

const NonEmpty = t.brand(t.string, (s) => s.length > 0, 'NonEmptyString')
const Positive = t.brand(t.number, (n) => n > 0 && Number.isFinite(n), 'Positive')
const EpochMillis = t.brand(t.number, (n) => Number.isInteger(n) && n > 0, 'EpochMillis')

export const Trade = t.type({ s: NonEmpty, p: Positive, v: Positive, t: EpochMillis, c: t.array(t.string) }, 'Trade')
const Frame = t.type({ type: t.literal('trade'), data: t.UnknownArray }, 'Frame')

const cents = ({ p }) => Math.round(p * 100)

const bar = combine.struct({
  o: combine.first(cents),
  h: combine.max(cents),
  l: combine.min(cents),
  c: combine.last(cents),
  v: combine.sum(({ v }) => v),
  pv: combine.sum((trade) => cents(trade) * trade.v),
  n: combine.count(),
})

/** @param seen - told of every frame of trades: with it the time can be taken in the middle of a run */
const tradesOfFrames = (seen) => (frames) =>
  frames
    .apply(parseJson)
    .filter('only trades', ({ type }) => type === 'trade')
    .decode('frame', Frame)
    .flatMap('each trade', ({ data }) => {
      seen()
      return data
    })
    .decode('trade', Trade)

const tradesOfLines = (lines) => lines.apply(parseJson).decode('trade', Trade)

const barsOf = ({ windowMillis, boundMillis }) => (trades) =>
  trades
    .eventTime('time of trade', (trade) => trade.t, { boundMillis })
    .keyBy('symbol', (trade) => trade.s)
    .window(fixedWindows({ sizeMillis: windowMillis }))
    .aggregate('bar', bar)

/** A pane as a row of the race. */
export const raceRow = ({ key, window, value: { o, h, l, c, v, pv, n } }) => ({ w: window.startMillis, s: key, o, h, l, c, v, pv, n })

const define = (toTrades, { source, rowOf = raceRow, bars, deadLetters, times = race }) =>
  definePipeline({
    name: 'race',
    module: import.meta.url,
    config: t.type({}),
    deadLetters: () => deadLetters,
    build: (p) => p.read('input', source).apply(toTrades).apply(barsOf(times)).map('row', rowOf).write('bars', bars),
  })

/** A row of the race. */
export const RaceRow = t.type({ w: t.Int, s: t.string, o: t.Int, h: t.Int, l: t.Int, c: t.Int, v: t.Int, pv: t.Int, n: t.Int }, 'Row')

/** From frames of trades to bars; `times` are the length of windows and the bound of disorder, if they are not the race's. */
export const framesToBars = (parts, seen) => define(tradesOfFrames(seen), parts)

/** From bare trades, one a record, to bars. */
export const tradesToBars = (parts) => define(tradesOfLines, parts)

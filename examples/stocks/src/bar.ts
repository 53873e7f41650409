import { combine, type Pane } from '@millrace/core'
import type { BarRow, Lane } from './bar-row.js'
import type { Trade } from './trade.js'

/** Length of a bar, epoch-aligned: `[start, start + 5 s)`. */
export const BAR_MILLIS = 5_000

/** What a window of one symbol's trades adds up to. Open and close are the first and last price in the order of events. */
export const bar = combine.struct({
  open: combine.first((trade: Trade) => trade.p),
  high: combine.max((trade: Trade) => trade.p),
  low: combine.min((trade: Trade) => trade.p),
  close: combine.last((trade: Trade) => trade.p),
  volume: combine.sum((trade: Trade) => trade.v),
  notional: combine.sum((trade: Trade) => trade.p * trade.v),
  trades: combine.count<Trade>(),
})

/** @see {@link bar} */
export type Bar = ReturnType<(typeof bar)['extract']>

/** The row of a bar: vwap is the volume-weighted average price, Σ(p·v)/Σv. */
export const toRow =
  (lane: Lane) =>
  ({ key, window, complete, value: { notional, ...sums } }: Pane<string, Bar>): BarRow => ({
    symbol: key,
    window_start: window.startMillis,
    window_end: window.endMillis,
    ...sums,
    vwap: notional / sums.volume,
    lane,
    complete,
  })

import type { RawTrade } from './naive-bars.js'

/** A trade message as Finnhub writes it. */
export const frameOf = (trades: readonly unknown[]): string => `{"data":${JSON.stringify(trades)},"type":"trade"}`

/** Trades in their order, so many a frame. */
export const framesOf = (trades: readonly RawTrade[], perFrame: number): readonly string[] =>
  Array.from({ length: Math.ceil(trades.length / perFrame) }, (_, i) => frameOf(trades.slice(i * perFrame, (i + 1) * perFrame)))

/** As they happened; those of one millisecond in the order given. */
export const inTime = (trades: readonly RawTrade[]): readonly RawTrade[] => [...trades].sort((a, b) => a.t - b.t)

/** Each comes by less than `boundMillis` after one that happened later. */
export const shuffledWithin = (trades: readonly RawTrade[], boundMillis: number, random: () => number): readonly RawTrade[] =>
  trades.map((trade) => ({ trade, at: trade.t + random() * boundMillis })).sort((a, b) => a.at - b.at).map(({ trade }) => trade)

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A trade as a file has it. */
export interface RawTrade {
  readonly s: string
  readonly p: number
  readonly v: number
  readonly t: number
  readonly c: readonly string[] | null
}

/** A bar as the definition says, worked out with nothing of the library. */
export interface NaiveBar {
  readonly symbol: string
  readonly start: number
  readonly end: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly vwap: number
  readonly trades: number
}

/** All trades of gzipped JSON arrays below a folder, in the order of file names and elements. */
export const readTrades = (folder: string): readonly RawTrade[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
    .flatMap((name) => JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString('utf8')) as RawTrade[]) // as: the folder's README says so

const barOf = (symbol: string, start: number, length: number, trades: readonly RawTrade[]): NaiveBar => {
  // A stable sort: trades of one time stay in the order of the file.
  const ordered = [...trades].sort((a, b) => a.t - b.t)
  const prices = ordered.map(({ p }) => p)
  const volume = ordered.reduce((sum, { v }) => sum + v, 0)
  const notional = ordered.reduce((sum, { p, v }) => sum + p * v, 0)
  const [open = NaN] = prices
  return { symbol, start, end: start + length, open, high: Math.max(...prices), low: Math.min(...prices), close: prices.at(-1) ?? NaN, volume, vwap: notional / volume, trades: ordered.length }
}

/** Bars of `length` milliseconds, aligned to the epoch, in the order of symbol and start. */
export const naiveBars = (trades: readonly RawTrade[], length: number): readonly NaiveBar[] => {
  const groups = new Map<string, RawTrade[]>()
  for (const trade of trades.filter(({ v }) => v > 0)) {
    const name = `${trade.s} ${trade.t - (trade.t % length)}`
    groups.set(name, [...(groups.get(name) ?? []), trade])
  }
  return [...groups]
    .map(([name, group]) => barOf(name.split(' ')[0] ?? '', Number(name.split(' ')[1]), length, group))
    .sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : a.start - b.start))
}

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateDay } from '#src/generate/day.js'
import { DAY_START_MILLIS } from '#src/generate/market.js'

/** An array, packed lines, an array that is torn, and packed lines that are cut off. */
const FILES = ['AAPL/2024-09-12T13.json', 'AAPL/2024-09-12T14.ndjson.gz', 'broken/torn-array.json', 'broken/truncated.ndjson.gz']

/** Of the whole generated day; a tenth of them are in the files. */
const TRADES = 30_000

/** More than fire in one slice. */
const LONELY = 9_000

/** A trade alone in its window, at a time of another day. */
export const lonelyTrade = (symbol: string, index: number): string =>
  `{"c":["1"],"p":${100 + (index % 50)},"s":"${symbol}","t":${DAY_START_MILLIS + 86_400_000 + index * 5_000},"v":${index + 1}}`

/** Lines of trades of one symbol, each alone in its window. */
export const lonelyTrades = (symbol: string, from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${lonelyTrade(symbol, from + i)}\n`).join('')

/** Some files of a generated day, good and broken, and more windows than fire in one slice. */
export const smallFolder = (directory: string): void => {
  const day = `${directory}.day`
  generateDay({ directory: day, trades: TRADES })
  mkdirSync(directory, { recursive: true })
  for (const file of FILES) copyFileSync(join(day, file), join(directory, file.replace('/', '-')))
  writeFileSync(join(directory, 'lonely.ndjson'), lonelyTrades('LONE', 0, LONELY))
  rmSync(day, { recursive: true })
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BROKEN_FILES, EMPTY_FILES } from './broken-files.js'
import { FileWriter, LAYOUTS, type Layout } from './file-writer.js'
import { DAY_START_MILLIS, SEGMENTS, SYMBOLS, slotsOfFile } from './market.js'
import { Planter } from './planter.js'
import { seededRandom } from './random.js'
import { Tally } from './tally.js'
import { tradesOfSlot, type Walk } from './trade-text.js'

/** What to generate. */
export interface DayOptions {
  /** Where the files go; made if missing. Files of the same names are overwritten, nothing is removed. */
  readonly directory: string
  /** The same seed gives the same day; default 1. */
  readonly seed?: number
  /** About how many trades; default 250,000 (some 17 MB). A gigabyte is about 15,000,000. */
  readonly trades?: number
}

/** What was generated: everything that a backfill of it must find again. */
export interface Day {
  readonly directory: string
  /** Paths below the directory. */
  readonly files: readonly string[]
  /** Size of the files on disk. */
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly symbols: number
  /** Valid trades with a volume: what must be in the bars. */
  readonly trades: number
  /** Valid, but of volume 0: what must be filtered. */
  readonly priceUpdates: number
  /** Symbols × 5-second windows that hold a trade: the bars. */
  readonly windows: number
  /** Bad elements by kind: the dead letters. */
  readonly bad: Readonly<Record<string, number>>
}

const DEFAULT_TRADES = 250_000
const TRADES_PER_BROKEN_FILE = 20
const BROKEN_DIRECTORY = 'broken'

const layoutOf = (rank: number, segment: number): Layout => {
  const layout = LAYOUTS[(rank + segment) % LAYOUTS.length]
  if (layout === undefined) throw new Error('There is no layout.')
  return layout
}

const fileName = (symbol: string, fromHour: number, extension: string): string =>
  join(symbol, `2024-09-12T${String(fromHour).padStart(2, '0')}${extension}`)

/** The names of all files that a day has, without writing one: they do not depend on the seed. */
export const filesOfDay = (): readonly string[] => [
  ...SYMBOLS.flatMap(({ name }, rank) => SEGMENTS.map((segment, i) => fileName(name, segment.fromHour, layoutOf(rank, i).extension))),
  ...[...BROKEN_FILES, ...EMPTY_FILES].map(({ name }) => join(BROKEN_DIRECTORY, name)),
]

const writeSymbol = (options: Required<DayOptions>, rank: number, walk: Walk, planter: Planter, tally: Tally): void => {
  SEGMENTS.forEach((segment, i) => {
    const layout = layoutOf(rank, i)
    const name = fileName(walk.symbol, segment.fromHour, layout.extension)
    const writer = new FileWriter(join(options.directory, name), layout)
    const random = seededRandom(options.seed, name)
    for (const slot of slotsOfFile(options.trades, rank, segment)) {
      for (const trade of tradesOfSlot(walk, slot, random)) {
        writer.add(trade.json)
        tally.addTrade(rank, trade)
        planter.after(writer, walk.symbol, trade, tally)
      }
    }
    const isLast = rank === SYMBOLS.length - 1 && i === SEGMENTS.length - 1
    if (isLast) planter.finish(writer, walk.symbol, DAY_START_MILLIS + 86_399_000, tally)
    writer.close()
    tally.addFile(name, writer.packedBytes, writer.unpackedBytes)
  })
}

const writeBroken = (options: Required<DayOptions>, tally: Tally): void => {
  const walk: Walk = { symbol: SYMBOLS[0]?.name ?? '', cents: SYMBOLS[0]?.cents ?? 0 }
  for (const broken of BROKEN_FILES) {
    const random = seededRandom(options.seed, broken.name)
    const slot = { startMillis: DAY_START_MILLIS + 23 * 3_600_000, trades: TRADES_PER_BROKEN_FILE }
    const trades = [...tradesOfSlot(walk, slot, random)]
    const { bytes, readable } = broken.make(trades.map((trade) => trade.json))
    writeFileSync(join(options.directory, BROKEN_DIRECTORY, broken.name), bytes)
    for (const trade of trades.slice(0, readable)) tally.addTrade(0, trade)
    tally.addBad(broken.kind, broken.bad)
    tally.addFile(join(BROKEN_DIRECTORY, broken.name), bytes.length, bytes.length)
  }
}

const writeEmpty = (options: Required<DayOptions>, tally: Tally): void => {
  for (const { name, text } of EMPTY_FILES) {
    const path = join(options.directory, BROKEN_DIRECTORY, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    tally.addFile(join(BROKEN_DIRECTORY, name), text.length, text.length)
  }
}

/**
 * Writes a day of invented trades of 20 symbols as files of every layout, with bad data of every kind among them, and
 * counts what it wrote. Deterministic: the same options give the same files.
 */
export const generateDay = (options: DayOptions): Day => {
  const all = { seed: 1, trades: DEFAULT_TRADES, ...options }
  const tally = new Tally()
  const planter = new Planter()
  SYMBOLS.forEach(({ name, cents }, rank) => writeSymbol(all, rank, { symbol: name, cents }, planter, tally))
  writeEmpty(all, tally)
  writeBroken(all, tally)
  const { files, packedBytes, unpackedBytes, trades, priceUpdates, bad } = tally
  return { directory: all.directory, files, packedBytes, unpackedBytes, symbols: SYMBOLS.length, trades, priceUpdates, bad, windows: tally.windows() }
}

import { generateDay, type Day } from '../generate/day.js'
import { KEY_VARIABLE, type Sent, type Venue } from '../venue.js'
import { sayOutcome } from './backfill.js'
import type { DemoOptions } from './commands.js'
import { prepareDemoFolder, refuseWhileRunning, type DemoFolder } from './demo-folder.js'
import { ExitCode } from './exit-code.js'
import { formatBytes, formatCount, formatDuration, plural } from './format.js'
import { runLanes, type LanesEnded } from './lanes.js'
import { sayLedgers } from './ledgers.js'
import { sayStream, streamConfig } from './live.js'
import { sayStep, sayWrapped, type Output } from './output.js'
import type { Parts } from './parts.js'
import { sayBars, sayDeadLetters, sayGaps } from './report.js'
import { loadFound, loadReport } from './report-data.js'
import { commandLine } from './shell.js'
import { exitCodeOf } from './stop-signals.js'

const LARGE_DEMO_TRADES = '5000000'

const countBad = (day: Day): number => Object.values(day.bad).reduce((sum, count) => sum + count, 0)

const sayDay = (output: Output, day: Day): void => {
  const kinds = Object.keys(day.bad).length
  const content = `${plural(day.trades, 'trade')} and ${plural(day.priceUpdates, 'price update')} of ${day.symbols} symbols`
  const form = `${plural(day.files.length, 'file')}, ${formatBytes(day.packedBytes)}: lines and arrays, plain and gzipped`
  sayWrapped(output, `  ${content} (invented), in ${form}, and among them ${plural(countBad(day), 'bad element')} of ${kinds} kinds.`, '')
}

const sayNext = (output: Output, { trades, db, journal }: DemoFolder): void => {
  const next = [
    ['One symbol', ['report', '--db', db, '--symbol', 'AAPL']],
    ['What came over the websocket, as it came', ['journal', journal]],
    ['The same files again: nothing changes', ['backfill', trades, '--db', db]],
    ['Fewer files of the same bars: refused', ['backfill', `${trades}/AAPL`, '--db', db]],
    ['A larger day', ['demo', '--trades', LARGE_DEMO_TRADES]],
    ['All of it', ['--help']],
  ] as const
  sayStep(output, 'What to try next')
  for (const [what, words] of next) {
    output.say(`  ${output.paint.dim(`# ${what}`)}`)
    output.say(`  ${output.paint.cyan(commandLine(words))}`)
  }
  output.say(`  ${output.paint.dim('# The real exchange, with a key that is free at https://finnhub.io/register')}`)
  output.say(`  ${output.paint.cyan(`${KEY_VARIABLE}=KEY ${commandLine(['live', '--symbols', 'AAPL,BINANCE:BTCUSDT', '--db', 'live.duckdb'])}`)}`)
}

/** Long enough for some bars of each symbol, and for the connection to drop once. */
const STREAM_MILLIS = 30_000

const sayVenue = (output: Output, { name, notice, symbols }: Venue, lifeMillis: number | undefined): void => {
  const ends = lifeMillis === undefined ? 'Ctrl-C ends it and shows what came of it' : `it ends by itself after ${formatDuration(lifeMillis)}`
  sayWrapped(output, `  ${symbols.length} symbols at ${name}, while the files are backfilled; ${ends}.${notice === '' ? '' : ` ${notice}`}`, '')
}

const lifeMillisOf = ({ seconds }: DemoOptions, { isTerminal }: Output): number | undefined =>
  seconds === undefined ? (isTerminal ? undefined : STREAM_MILLIS) : seconds * 1_000

/** Bars and dead letters of a lane against what was planted for it. @returns whether it is all there */
const sayFound = (output: Output, what: string, found: Sent, planted: Sent): boolean => {
  const isFound = found.trades === planted.trades && found.bad === planted.bad
  const figures = `${formatCount(found.trades)} of ${formatCount(planted.trades)} trades in bars, ${formatCount(found.bad)} of ${formatCount(planted.bad)} planted bad elements in dead_letters`
  sayWrapped(output, `  ${isFound ? output.paint.green('Complete') : output.paint.red('Not complete')}, ${what}: ${figures}.`)
  return isFound
}

const isAll = ({ stream, batch }: LanesEnded): boolean => stream?.run.outcome === 'finished' && batch?.run.outcome === 'finished'

/** Prints what came of both lanes. @returns whether all is there that was sent and written */
const sayResult = async (parts: Parts, ended: LanesEnded, { db }: DemoFolder, day: Day, sent: Sent | undefined): Promise<boolean> => {
  const { output, query } = parts
  const data = await loadReport(query, db, undefined)
  output.say()
  sayBars(output, data)
  output.say()
  sayGaps(output, data)
  sayDeadLetters(output, data)
  sayLedgers(output, ended)
  sayStep(output, 'Everything there?')
  const isLiveThere = sent === undefined || sayFound(output, 'live', await loadFound(query, db, parts.stream.name, 'stream'), sent)
  const areFilesThere = sayFound(output, 'files', await loadFound(query, db, parts.batch.name, 'batch'), { trades: day.trades, bad: countBad(day) })
  return isLiveThere && areFilesThere
}

const runDemo = async (parts: Parts, options: DemoOptions, folder: DemoFolder, day: Day, venue: Venue): Promise<ExitCode> => {
  const { output } = parts
  const lifeMillis = lifeMillisOf(options, output)
  sayStep(output, `Live, into ${folder.db}`)
  sayVenue(output, venue, lifeMillis)
  const { db, journal, trades } = folder
  const stream = streamConfig({ symbols: venue.symbols, url: venue.url, db, journal, untilClosed: false, keepJournal: false }, venue.key)
  const batch = { paths: [trades], db }
  const ended = await runLanes(parts, { stream, batch, atSignal: 'drain', ...(lifeMillis === undefined ? {} : { lifeMillis }) })
  const { millis, signal } = ended
  sayStream(output, ended.stream, millis.stream)
  if (ended.batch !== undefined) sayOutcome(output, { summary: ended.batch, millis: millis.batch }, { db, again: ['backfill', trades, '--db', db], who: 'Files: ' })
  if (!isAll(ended)) return signal === undefined ? ExitCode.failed : exitCodeOf(signal)
  const isComplete = await sayResult(parts, ended, folder, day, venue.sent())
  sayNext(output, folder)
  return isComplete ? ExitCode.done : ExitCode.failed
}

/** `stocks demo`: both lanes at once, into one file: an exchange that streams, and a day of files that is backfilled meanwhile. */
export const demo = async (parts: Parts, options: DemoOptions): Promise<ExitCode> => {
  const { output, openVenue } = parts
  const { directory, seed, trades } = options
  await refuseWhileRunning(directory)
  const folder = prepareDemoFolder(directory)
  output.say(output.paint.bold(`A day of trades in files, invented (seed ${seed}) in ${directory}/`))
  const day = generateDay({ directory: folder.trades, seed, trades })
  sayDay(output, day)
  const venue = await openVenue(seed)
  try {
    return await runDemo(parts, options, folder, day, venue)
  } finally {
    await venue.close()
  }
}

import { generateDay, type Day } from '../generate/day.js'
import type { DemoOptions } from './commands.js'
import { runBackfill, sayOutcome } from './backfill.js'
import { prepareDemoFolder, type DemoFolder } from './demo-folder.js'
import { ExitCode } from './exit-code.js'
import { sayLedger } from './figures.js'
import { formatBytes, formatCount, plural } from './format.js'
import { sayWrapped, type Output } from './output.js'
import type { Parts } from './parts.js'
import { sayBars, sayDeadLetters } from './report.js'
import { loadReport } from './report-data.js'
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

const sayStep = (output: Output, title: string): void => {
  output.say()
  output.say(output.paint.bold(title))
}

const sayNext = (output: Output, { trades, db }: DemoFolder): void => {
  const next = [
    ['One symbol', ['report', '--db', db, '--symbol', 'AAPL']],
    ['The same files again: nothing changes', ['backfill', trades, '--db', db]],
    ['Fewer files of the same bars: refused', ['backfill', `${trades}/AAPL`, '--db', db]],
    ['A larger day; press Ctrl-C in it, then backfill its folder again', ['demo', '--trades', LARGE_DEMO_TRADES]],
    ['All of it', ['--help']],
  ] as const
  sayStep(output, 'What to try next')
  for (const [what, words] of next) {
    output.say(`  ${output.paint.dim(`# ${what}`)}`)
    output.say(`  ${output.paint.cyan(commandLine(words))}`)
  }
}

/** `stocks demo`: invents a day of trades, backfills it and shows what came of it. */
export const demo = async (parts: Parts, { directory, seed, trades }: DemoOptions): Promise<ExitCode> => {
  const { output, query } = parts
  const folder = prepareDemoFolder(directory)
  output.say(output.paint.bold(`A day of trades, invented (seed ${seed}) in ${directory}/`))
  const day = generateDay({ directory: folder.trades, seed, trades })
  sayDay(output, day)

  sayStep(output, `Backfill into ${folder.db}`)
  const options = { paths: [folder.trades], db: folder.db, format: undefined, replace: false, json: false }
  const done = await runBackfill(parts, options)
  sayOutcome(output, done, options)
  if (done.signal !== undefined && done.summary.run.outcome === 'stopped') return exitCodeOf(done.signal)

  const data = await loadReport(query, folder.db, undefined)
  output.say()
  sayBars(output, data)
  output.say()
  sayDeadLetters(output, data)
  sayStep(output, 'Ledger')
  sayLedger(output, done.summary.total)
  sayPlanted(output, day, data.bars.trades, data.deadLetters)
  sayNext(output, folder)
  return ExitCode.done
}

const sayPlanted = (output: Output, day: Day, trades: number, deadLetters: number): void => {
  const isFound = trades === day.trades && deadLetters === countBad(day)
  const figures = `${formatCount(trades)} of ${formatCount(day.trades)} trades in bars, ${formatCount(deadLetters)} of ${formatCount(countBad(day))} planted bad elements in dead_letters`
  sayWrapped(output, `  ${isFound ? output.paint.green('Complete') : output.paint.red('Not complete')}: ${figures}.`)
}

import { existsSync } from 'node:fs'
import type { ReportOptions } from './commands.js'
import { closest } from './closest.js'
import { CommandError } from './command-error.js'
import { checkIsNoFolder } from './database-path.js'
import { ExitCode } from './exit-code.js'
import { fitColumns } from './fit-columns.js'
import { formatCount, formatDuration, formatNumber, formatPrice, formatTime, plural } from './format.js'
import { sayWrapped, type Output } from './output.js'
import type { Parts } from './parts.js'
import { loadReport, loadSymbols, type ReportData } from './report-data.js'
import { printable, tableLines, type Column } from './table.js'
import { loadUnfinished, sayUnfinished } from './unfinished.js'

const MAX_SYMBOLS = 25
/** Where a symbol has no bars, so many others are named. */
const MAX_NAMED = 10
const MAX_SYMBOL_CELLS = 34
const MIN_SYMBOL_CELLS = 12
const MIN_MESSAGE_CELLS = 24
const INDENT = '  '
const number = (title: string, drop = 0): Column => ({ title, align: 'right', drop })
const symbolColumn: Column = { title: 'symbol', maxWidth: MAX_SYMBOL_CELLS, minWidth: MIN_SYMBOL_CELLS }

const sayTable = (output: Output, columns: readonly Column[], rows: readonly (readonly string[])[]): void => {
  const fitted = fitColumns(columns, rows, output.columns - INDENT.length)
  for (const line of tableLines(fitted.columns, fitted.rows, output.paint.dim)) output.say(INDENT + line)
}

const saySymbols = (output: Output, { bySymbol }: ReportData): void => {
  const shown = bySymbol.slice(0, MAX_SYMBOLS)
  const columns = [symbolColumn, number('bars', 4), number('trades', 5), number('volume', 2), number('open', 3), number('high', 1), number('low', 1), number('close')]
  sayTable(output, columns, shown.map((row) => [
    printable(row.symbol), formatCount(row.bars), formatCount(row.trades), formatNumber(row.volume, 0),
    formatPrice(row.open), formatPrice(row.high), formatPrice(row.low), formatPrice(row.close),
  ]))
  if (bySymbol.length > shown.length) output.say(output.paint.dim(`  … and ${plural(bySymbol.length - shown.length, 'more symbol')}, by turnover`))
}

const sayLastBars = (output: Output, { lastBars }: ReportData): void => {
  output.say()
  output.say(`  ${output.paint.dim('The last bars, UTC')}`)
  const columns = [{ title: 'start' }, symbolColumn, number('open', 2), number('high', 1), number('low', 1), number('close'), number('volume', 3), number('vwap', 4), number('trades', 5)]
  sayTable(output, columns, lastBars.map((row) => [
    formatTime(row.windowStartMillis), printable(row.symbol), formatPrice(row.open), formatPrice(row.high), formatPrice(row.low), formatPrice(row.close),
    formatNumber(row.volume, 3), formatPrice(row.vwap), formatCount(row.trades),
  ]))
}

/** Prints how many bars each lane has, where there is more than one, or one that may miss trades. */
const sayLanes = (output: Output, { lanes }: ReportData): void => {
  if (lanes.length === 1 && lanes[0]?.lane === 'batch') return
  output.say()
  output.say(`  ${output.paint.dim('By lane; a bar is complete where no trade of it can be missing')}`)
  const columns = [{ title: 'lane' }, number('bars'), number('complete'), number('trades')]
  sayTable(output, columns, lanes.map(({ lane, bars, complete, trades }) => [printable(lane), formatCount(bars), formatCount(complete), formatCount(trades)]))
}

/** Prints the gaps of a report; nothing where there is none. */
export const sayGaps = (output: Output, { gaps, lastGaps }: ReportData): void => {
  if (gaps === 0) return
  sayWrapped(output, `${output.paint.bold('Gaps')}  ${plural(gaps, 'time')} the live lane could not hear the exchange; bars over a gap are not complete`)
  output.say()
  const columns = [{ title: 'from, UTC' }, number('for'), { title: 'reason', minWidth: MIN_MESSAGE_CELLS }]
  sayTable(output, columns, lastGaps.map(({ fromMillis, toMillis, reason }) =>
    [formatTime(fromMillis), toMillis === null ? '' : formatDuration(toMillis - fromMillis), printable(reason)]))
  if (gaps > lastGaps.length) output.say(output.paint.dim(`  … and ${formatCount(gaps - lastGaps.length)} before`))
  output.say()
}

/** Prints the bars of a report. */
export const sayBars = (output: Output, data: ReportData, symbol?: string): void => {
  const { bars, symbols, trades, fromMillis, toMillis } = data.bars
  const ofSymbol = symbol === undefined ? '' : ` of ${printable(symbol)}`
  if (bars === 0 || fromMillis === null || toMillis === null) return sayWrapped(output, `${output.paint.bold('Bars')}  none${ofSymbol}`)
  const what = symbol === undefined ? `${plural(bars, 'bar')} of ${plural(symbols, 'symbol')}` : `${plural(bars, 'bar')}${ofSymbol}`
  sayWrapped(output, `${output.paint.bold('Bars')}  ${what}, from ${plural(trades, 'trade')}, ${formatTime(fromMillis)} to ${formatTime(toMillis)} UTC`)
  sayLanes(output, data)
  output.say()
  saySymbols(output, data)
  sayLastBars(output, data)
}

/** Prints the dead letters of a report, by reason. */
export const sayDeadLetters = (output: Output, { deadLetters, reasons }: ReportData, symbol?: string): void => {
  if (deadLetters === 0) {
    output.say(`${output.paint.bold('Dead letters')}  none`)
    return
  }
  // What is no trade has no symbol that could be relied upon.
  const ofAll = symbol === undefined ? '' : ' of all symbols'
  sayWrapped(output, `${output.paint.bold('Dead letters')}  ${formatCount(deadLetters)}${ofAll}, each with the original in the table dead_letters`)
  output.say()
  const columns = [number('count'), { title: 'stage' }, { title: 'field', drop: 1 }, { title: 'error', drop: 2 }, { title: 'for example', minWidth: MIN_MESSAGE_CELLS }]
  sayTable(output, columns, reasons.map((reason) =>
    [formatCount(reason.count), printable(reason.stage), printable(reason.path ?? ''), printable(reason.errorClass), printable(reason.example)]))
}

/** Says that a symbol has no bars, and which have. */
const sayNoSuchSymbol = (output: Output, symbol: string, meant: string | undefined, symbols: readonly string[]): void => {
  // Symbols are short: two letters away there is always one.
  const near = meant ?? closest(symbol, symbols.filter((other) => other[0] === symbol[0]))
  const hint = near === undefined ? '' : `. Did you mean ${printable(near)}?`
  sayWrapped(output, `${output.paint.bold('Bars')}  none of ${printable(symbol)}${hint}`)
  const named = symbols.slice(0, MAX_NAMED).map(printable).join(', ')
  const more = symbols.length - MAX_NAMED
  sayWrapped(output, `There are bars of ${named}${more > 0 ? ` and ${plural(more, 'more symbol')}` : ''}.`)
}

/** `stocks report`: shows what a DuckDB file holds. */
export const report = async ({ batch, query, checkpoint, output }: Parts, { db, symbol, json }: ReportOptions): Promise<ExitCode> => {
  if (!existsSync(db)) throw new CommandError(`There is no file ${db}. A backfill makes one: npm run stocks -- backfill PATH --db ${db}; so does live.`)
  checkIsNoFolder(db)
  const data = await loadReport(query, db, symbol)
  const unfinished = await loadUnfinished({ query, checkpoint }, db, batch.name)
  if (json) {
    const { db: file, ...rest } = data
    output.result({ db: file, unfinished: unfinished ?? null, ...rest })
    return ExitCode.done
  }
  if (unfinished !== undefined) sayUnfinished(output, unfinished, db)
  const others = symbol === undefined || data.bars.bars > 0 ? [] : await loadSymbols(query, db)
  if (symbol !== undefined && others.length > 0) {
    sayNoSuchSymbol(output, symbol, data.meant, others)
    return ExitCode.done
  }
  sayBars(output, data, symbol)
  output.say()
  sayGaps(output, data)
  sayDeadLetters(output, data, symbol)
  return ExitCode.done
}

import { existsSync } from 'node:fs'
import type { ReportOptions } from './commands.js'
import { CommandError } from './command-error.js'
import { checkIsNoFolder } from './database-path.js'
import { ExitCode } from './exit-code.js'
import { formatCount, formatNumber, formatPrice, formatTime, plural } from './format.js'
import type { Output } from './output.js'
import type { Parts } from './parts.js'
import { loadReport, type ReportData } from './report-data.js'
import { printable, tableLines, type Column } from './table.js'
import { loadUnfinished, sayUnfinished } from './unfinished.js'

const MAX_SYMBOLS = 25
const MAX_SYMBOL_CELLS = 34
const number = (title: string): Column => ({ title, align: 'right' })
const symbolColumn: Column = { title: 'symbol', maxWidth: MAX_SYMBOL_CELLS }

const sayTable = (output: Output, columns: readonly Column[], rows: readonly (readonly string[])[]): void => {
  for (const line of tableLines(columns, rows, output.paint.dim)) output.say(`  ${line}`)
}

const saySymbols = (output: Output, { bySymbol }: ReportData): void => {
  const shown = bySymbol.slice(0, MAX_SYMBOLS)
  const columns = [symbolColumn, number('bars'), number('trades'), number('volume'), number('open'), number('high'), number('low'), number('close')]
  sayTable(output, columns, shown.map((row) => [
    printable(row.symbol), formatCount(row.bars), formatCount(row.trades), formatNumber(row.volume, 0),
    formatPrice(row.open), formatPrice(row.high), formatPrice(row.low), formatPrice(row.close),
  ]))
  if (bySymbol.length > shown.length) output.say(output.paint.dim(`  … and ${plural(bySymbol.length - shown.length, 'more symbol')}, by turnover`))
}

const sayLastBars = (output: Output, { lastBars }: ReportData): void => {
  output.say()
  output.say(`  ${output.paint.dim('The last bars, UTC')}`)
  const columns = [{ title: 'start' }, symbolColumn, number('open'), number('high'), number('low'), number('close'), number('volume'), number('vwap'), number('trades')]
  sayTable(output, columns, lastBars.map((row) => [
    formatTime(row.windowStartMillis), printable(row.symbol), formatPrice(row.open), formatPrice(row.high), formatPrice(row.low), formatPrice(row.close),
    formatNumber(row.volume, 3), formatPrice(row.vwap), formatCount(row.trades),
  ]))
}

/** Prints the bars of a report. */
export const sayBars = (output: Output, data: ReportData, symbol?: string): void => {
  const { bars, symbols, trades, fromMillis, toMillis } = data.bars
  const ofSymbol = symbol === undefined ? '' : ` of ${printable(symbol)}`
  if (bars === 0 || fromMillis === null || toMillis === null) {
    const hint = data.meant === undefined ? '' : `. Did you mean ${printable(data.meant)}?`
    output.say(`${output.paint.bold('Bars')}  none${ofSymbol}${hint}`)
    return
  }
  const what = symbol === undefined ? `${plural(bars, 'bar')} of ${plural(symbols, 'symbol')}` : `${plural(bars, 'bar')}${ofSymbol}`
  output.say(`${output.paint.bold('Bars')}  ${what}, from ${plural(trades, 'trade')}, ${formatTime(fromMillis)} to ${formatTime(toMillis)} UTC`)
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
  output.say(`${output.paint.bold('Dead letters')}  ${formatCount(deadLetters)}${ofAll}, each with the original in the table dead_letters`)
  output.say()
  const columns = [number('count'), { title: 'stage' }, { title: 'field' }, { title: 'error' }, { title: 'for example', maxWidth: messageCells(output) }]
  sayTable(output, columns, reasons.map((reason) =>
    [formatCount(reason.count), printable(reason.stage), printable(reason.path ?? ''), printable(reason.errorClass), printable(reason.example)]))
}

const MIN_MESSAGE_CELLS = 40
/** Cells that the columns before the message take. */
const BEFORE_MESSAGE_CELLS = 48
const messageCells = (output: Output): number => Math.max(MIN_MESSAGE_CELLS, output.columns - BEFORE_MESSAGE_CELLS)

/** `stocks report`: shows what a DuckDB file holds. */
export const report = async ({ batch, query, output }: Parts, { db, symbol, json }: ReportOptions): Promise<ExitCode> => {
  if (!existsSync(db)) throw new CommandError(`There is no file ${db}. A backfill makes one: npm run stocks -- backfill PATH --db ${db}`)
  checkIsNoFolder(db)
  const data = await loadReport(query, db, symbol)
  const unfinished = await loadUnfinished(query, db, batch.name)
  if (json) {
    const { db: file, ...rest } = data
    output.result({ db: file, unfinished: unfinished ?? null, ...rest })
    return ExitCode.done
  }
  if (unfinished !== undefined) sayUnfinished(output, unfinished, db)
  sayBars(output, data, symbol)
  output.say()
  sayDeadLetters(output, data, symbol)
  return ExitCode.done
}

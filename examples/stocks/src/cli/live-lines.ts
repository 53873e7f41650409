import { withoutName } from './connection-words.js'
import { figuresOf, sumsOf } from './figures.js'
import { fitColumns } from './fit-columns.js'
import { formatClock, formatCount, formatDuration, formatNumber, formatPrice, formatTime, plural } from './format.js'
import type { LiveState } from './live-state.js'
import type { Paint } from './paint.js'
import { fit, printable, tableLines, type Column } from './table.js'

const LABEL_CELLS = 14
const MAX_REASONS = 4
const INDENT = '  '
const number = (title: string, drop = 0): Column => ({ title, align: 'right', drop })
const BAR_COLUMNS: readonly Column[] = [
  { title: 'start' }, { title: 'symbol', maxWidth: 20, minWidth: 6 }, number('open', 2), number('high', 1), number('low', 1), number('close'), number('volume', 3),
  number('trades', 4),
]

/** A rate that people can read: `0.4`, `12`, `1,234`. */
export const formatRate = (perSecond: number): string => formatNumber(perSecond, perSecond < 9.95 ? 1 : 0)

const lineOf = (label: string, text: string, width: number, paint: Paint): string => {
  const cut = fit(label.padEnd(LABEL_CELLS) + text, width)
  return cut.startsWith(label) ? paint.bold(label) + cut.slice(label.length) : cut
}

const DAY_MILLIS = 86_400_000
const watermarkAt = (millis: number, nowMillis: number): string =>
  Math.abs(nowMillis - millis) < DAY_MILLIS
    ? `${formatClock(millis)} UTC, ${formatDuration(nowMillis - millis)} behind now`
    : `${formatTime(millis - (millis % 1_000))} UTC, ${formatNumber((nowMillis - millis) / DAY_MILLIS, 1)} days behind now`

/** How far event time has come, and how far that is behind. Of another day the date is said, too. */
export const watermarkWords = ({ nowMillis, watermarkMillis }: Pick<LiveState, 'nowMillis' | 'watermarkMillis'>): string =>
  Number.isFinite(watermarkMillis)
    ? watermarkAt(watermarkMillis, nowMillis)
    : watermarkMillis > 0 ? 'at the end' : 'none before the first trade'

const reasonWords = ({ tables: { reasons } }: LiveState): string => {
  const words = reasons.slice(0, MAX_REASONS).map(({ count, stage, errorClass, path }) => `${formatCount(count)} ${stage} ${path || errorClass}`)
  const more = reasons.length - MAX_REASONS
  return words.concat(more > 0 ? [`${formatCount(more)} more`] : []).map(printable).join(', ')
}

const deadLetterWords = (state: LiveState): string => {
  const { deadLetters } = figuresOf(state.ledger)
  if (deadLetters === 0) return 'none'
  // The table is asked only now and then, and holds what is committed.
  const reasons = reasonWords(state)
  return reasons === '' ? formatCount(deadLetters) : `${formatCount(deadLetters)}: ${reasons}`
}

const gapWords = ({ tables: { gaps, lastGap } }: LiveState): string =>
  lastGap === undefined ? 'none' : `${formatCount(gaps)}, last ${formatDuration(lastGap.millis)}: ${printable(lastGap.reason)}`

const connectionWords = ({ isListening, connection, isDisconnected }: LiveState): string => {
  const words = printable(withoutName(connection))
  if (isDisconnected) return `disconnected: ${words}`
  return words || (isListening ? 'listening' : 'connecting')
}

const ledgerWords = ({ ledger }: LiveState): string => {
  const { into, outOf } = sumsOf(ledger)
  return `${formatCount(into)} in, ${formatCount(outOf)} accounted for, ${formatCount(ledger.unaccounted)} unaccounted`
}

const barLines = ({ tables: { bars } }: LiveState, width: number, paint: Paint): readonly string[] => {
  if (bars.length === 0) return []
  const rows = bars.map((row) => [
    formatClock(row.windowStartMillis), printable(row.symbol), formatPrice(row.open), formatPrice(row.high), formatPrice(row.low), formatPrice(row.close),
    formatNumber(row.volume, 3), formatCount(row.trades),
  ])
  const fitted = fitColumns(BAR_COLUMNS, rows, width - INDENT.length)
  return tableLines(fitted.columns, fitted.rows, paint.dim).map((line) => INDENT + line)
}

/** The live lane as some lines that fit into so many cells. Their number changes only with the number of bars, and the batch lane. */
export const liveLines = (state: LiveState, width: number, paint: Paint): readonly string[] => {
  const line = (label: string, text: string): string => lineOf(label, text, width, paint)
  const { framesPerSecond, tradesPerSecond, openWindows, ledger } = state
  const bars = `${plural(figuresOf(ledger).bars, 'bar')} of ${plural(ledger.aggregated, 'trade')}, ${plural(openWindows, 'open window')}`
  return [
    line('Live', connectionWords(state)),
    line('rates', `${formatRate(framesPerSecond)} frames/s, ${formatRate(tradesPerSecond)} trades/s (last 3 s)`),
    line('watermark', watermarkWords(state)),
    line('bars', bars),
    ...barLines(state, width, paint),
    line('dead letters', deadLetterWords(state)),
    line('gaps', gapWords(state)),
    line('ledger', ledgerWords(state)),
    ...(state.batch === undefined ? [] : [line('backfill', printable(state.batch))]),
  ]
}

/** The same in one line, for pipes and files. */
export const plainLine = (state: LiveState): string => {
  const { bars, deadLetters } = figuresOf(state.ledger)
  const parts = [
    `${formatDuration(state.runMillis)}: ${plural(state.ledger.read, 'frame')} (${formatRate(state.framesPerSecond)}/s)`,
    `${plural(state.ledger.aggregated, 'trade')} (${formatRate(state.tradesPerSecond)}/s)`, plural(bars, 'bar'), plural(deadLetters, 'dead letter'),
    `watermark ${watermarkWords(state)}`,
  ]
  const { gaps } = state.tables
  if (gaps > 0) parts.push(plural(gaps, 'gap'))
  return printable(parts.concat(state.batch === undefined ? [] : [`backfill ${state.batch}`]).join(', '))
}

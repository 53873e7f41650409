import type { Ledger } from '@millrace/core'
import type { Lane } from '../bar-row.js'
import { formatCount } from './format.js'
import type { Output } from './output.js'
import { tableLines } from './table.js'

/** What `--json` says of a run: the ledger, and the two numbers that people ask for. */
export interface Figures extends Ledger {
  /** Rows written to `bars`. */
  readonly bars: number
  /** Rows written to `dead_letters`. */
  readonly deadLetters: number
}

/** The ledger in the example's own words. */
export const figuresOf = (ledger: Ledger): Figures =>
  ({ ...ledger, bars: ledger.delivered['bars'] ?? 0, deadLetters: ledger.deadLettered })

/** Records that came in or were made, and what became of them. */
export const sumsOf = (ledger: Ledger): { readonly into: number; readonly outOf: number } => ({
  into: ledger.read + ledger.made,
  outOf: ledger.expanded + ledger.filtered + ledger.deduplicated + ledger.aggregated + ledger.deadLettered + ledger.inFlight
    + Object.values(ledger.delivered).reduce((sum, count) => sum + count, 0),
})

/** What the parts of a ledger are called, by lane. */
const WORDS: Readonly<Record<Lane, { readonly read: string; readonly made: string; readonly filtered: string }>> = {
  batch: { read: 'read from files', made: 'made (bars)', filtered: 'filtered (price updates)' },
  stream: { read: 'frames received', made: 'made (trades, bars)', filtered: 'filtered (no trades, price updates)' },
}

/** Prints a ledger: what came in on the left, what became of it on the right, and that both are equal. */
export const sayLedger = (output: Output, ledger: Ledger, lane: Lane): void => {
  const delivered = Object.entries(ledger.delivered)
  const { into, outOf } = sumsOf(ledger)
  const words = WORDS[lane]
  const left = [[words.read, ledger.read], [words.made, ledger.made]] as const
  const right = [
    ...(ledger.expanded === 0 ? [] : [['expanded into trades', ledger.expanded] as const]), [words.filtered, ledger.filtered], ['aggregated into bars', ledger.aggregated],
    ...delivered.map(([sink, count]) => [`delivered to ${sink}`, count] as const),
    ['dead letters', ledger.deadLettered], ['in flight', ledger.inFlight],
  ] as const
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, i) =>
    [left[i], right[i]].flatMap((cell) => (cell === undefined ? ['', ''] : [cell[0], formatCount(cell[1])])))
  const columns = [{ title: 'in' }, { title: '', align: 'right' }, { title: 'out' }, { title: '', align: 'right' }] as const
  const sum = ['', formatCount(into), '', formatCount(outOf)]
  for (const line of tableLines(columns, [...rows, sum], output.paint.dim)) output.say(`  ${line}`)
  output.say()
  output.say(ledger.unaccounted === 0 && into === outOf
    ? `  ${output.paint.green('Balanced')}: everything that came in is accounted for (unaccounted: 0).`
    : `  ${output.paint.red('Not balanced')}: ${formatCount(ledger.unaccounted)} unaccounted. This is a defect of the program; please report it.`)
}

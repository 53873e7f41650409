// Trades of many or few symbols, twice, parsed only or to bars. Usage: keys.mjs parse|bars KEYS TRADES TRADES_A_BAR
import { makeKeyedInput } from '../keyed-input.mjs'
import { report } from '../measured.mjs'
import { parseLines } from '../parse-lines.mjs'
import { runCopies } from '../run-copies.mjs'
import { summingSink } from '../sinks.mjs'

const copies = 2
const [keys, trades, tradesABar] = process.argv.slice(3).map(Number)
const { buffer, spanMillis, sums: expected } = makeKeyedInput({ keys, trades, tradesABar })
const { sink, sums } = summingSink('bars')
const ran = process.argv[2] === 'parse' ? parseLines(buffer) : await runCopies({ buffer, copies, shiftMillis: spanMillis, bars: sink })
const right = Object.keys(expected).every((name) => sums[name] === copies * expected[name])
report({ ...ran, right: process.argv[2] === 'parse' || right })

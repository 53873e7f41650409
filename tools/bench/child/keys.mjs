// Trades of many or few symbols, parsed only or to bars. Usage: keys.mjs parse|bars KEYS TRADES TRADES_A_BAR
import { barsOfLines } from '../bars-of-lines.mjs'
import { makeKeyedInput } from '../keyed-input.mjs'
import { report } from '../measured.mjs'
import { parseLines } from '../parse-lines.mjs'
import { summingSink } from '../sinks.mjs'

const [keys, trades, tradesABar] = process.argv.slice(3).map(Number)
const { buffer, sums: expected } = makeKeyedInput({ keys, trades, tradesABar })
const { sink, sums } = summingSink('bars')
const taken = process.argv[2] === 'parse' ? parseLines(buffer) : await barsOfLines(buffer, sink)
report({ ...taken, right: process.argv[2] === 'parse' || Object.keys(expected).every((name) => sums[name] === expected[name]) })

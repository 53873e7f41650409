// Frames in memory to bars. Usage: bars.mjs FILE
import { readFileSync } from 'node:fs'
import { barsOfLines } from '../bars-of-lines.mjs'
import { report } from '../measured.mjs'
import { sumOf } from '../race-input.mjs'
import { keepingSink } from '../sinks.mjs'

const { sink, values } = keepingSink('bars')
const taken = await barsOfLines(readFileSync(process.argv[2]), sink)
report({ ...taken, rows: values.length, sum: sumOf(values) })

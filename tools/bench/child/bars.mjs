// Frames in memory to bars, twice in one run. Usage: bars.mjs FILE
import { readFileSync } from 'node:fs'
import { copyShiftMillis, sumsOfCopies } from '../copies.mjs'
import { report } from '../measured.mjs'
import { runCopies } from '../run-copies.mjs'
import { keepingSink } from '../sinks.mjs'

const { sink, values } = keepingSink('bars')
const ran = await runCopies({ buffer: readFileSync(process.argv[2]), copies: 2, shiftMillis: copyShiftMillis, bars: sink })
report({ ...ran, rows: values.length, sums: sumsOfCopies(values, 2) })

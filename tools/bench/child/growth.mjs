// Ten times a million trades in one run. Usage: growth.mjs FILE COPIES   (of the file, which holds two millions, half is taken)
import { readFileSync } from 'node:fs'
import { report } from '../measured.mjs'
import { spanMillis } from '../race-input.mjs'
import { runCopies } from '../run-copies.mjs'
import { summingSink } from '../sinks.mjs'

const whole = readFileSync(process.argv[2])
const buffer = whole.subarray(0, whole.indexOf(0x0a, whole.length / 2) + 1)
const { sink, sums } = summingSink('bars')
report({ ...(await runCopies({ buffer, copies: Number(process.argv[3]), shiftMillis: spanMillis / 2, bars: sink })), ...sums })

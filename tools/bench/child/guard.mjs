// Judges parsed trades, of which one in a hundred is bad. Usage: guard.mjs guard|decode FILE
import { readFileSync } from 'node:fs'
import { compileGuard } from '@millrace/core'
import { report, stopwatch } from '../measured.mjs'
import { Trade } from '../race-pipeline.mjs'

const count = 500_000
const passes = 4

const [how, file] = process.argv.slice(2)
const lines = readFileSync(file, 'latin1').split('\n', count)
const values = lines.map((line) => JSON.parse(line))

const guard = compileGuard(Trade)
// What the guard does not let through is for io-ts to judge.
const judges = {
  guard: (value) => guard.accepts(value) || Trade.decode(value)._tag === 'Right',
  decode: (value) => Trade.decode(value)._tag === 'Right',
}
const judge = judges[how]

const pass = () => {
  let good = 0
  for (const value of values) if (judge(value)) good++
  return good
}

const warmUp = pass()
const taken = stopwatch()
let good = 0
for (let i = 0; i < passes; i++) good += pass()
report({ cpuMicros: taken(), judged: passes * values.length, good, same: good === passes * warmUp })

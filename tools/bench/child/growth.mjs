// One million trades several times in one run, each time later than before: what each million costs.
// Usage: growth.mjs FILE COPIES   (of the file, which holds two millions, the first half is taken)
import { readFileSync } from 'node:fs'
import { runLocal } from '@millrace/core'
import { moveTimes, timesIn } from '../copies.mjs'
import { batchesOf, end, lineStartsOf, memoryLines } from '../frames.mjs'
import { report, stopwatch } from '../measured.mjs'
import { spanMillis } from '../race-input.mjs'
import { framesToBars } from '../race-pipeline.mjs'
import { countingSink, summingSink } from '../sinks.mjs'

const copies = Number(process.argv[3])
const whole = readFileSync(process.argv[2])
const half = whole.subarray(0, whole.indexOf(0x0a, whole.length / 2) + 1)
const lines = lineStartsOf(half).length - 1
const times = timesIn(half)
/** Only those that are whole get as far as where they are counted. */
const frames = half.toString('latin1').split(']}\n').length - 1

const bars = summingSink('bars')
const deadLetters = countingSink('dead letters')
const source = memoryLines(batchesOf(half))

const costs = []
let seenFrames = 0
let watch = stopwatch()

// The trades of the next copy are made between the times that are taken.
const nextCopy = () => {
  if (costs.length === copies) return source.push('memory', end)
  moveTimes(half, times, spanMillis / 2)
  const batches = batchesOf(half, costs.length * lines)
  watch = stopwatch()
  source.push('memory', ...batches)
}

const seen = () => {
  if (++seenFrames % frames !== 0) return
  costs.push(watch())
  setImmediate(nextCopy)
}

const { total } = await runLocal(framesToBars({ source, bars: bars.sink, deadLetters: deadLetters.sink }, seen), {}).done
report({ costs, unaccounted: total.unaccounted, deadLetters: deadLetters.seen.count, aggregated: total.aggregated, ...bars.sums })

// One buffer of frames several times in one run, each time later than before: what each time costs.
import { runLocal } from '@millrace/core'
import { moveTimes, timesIn } from './copies.mjs'
import { batchesOf, end, lineStartsOf, memoryLines } from './frames.mjs'
import { stopwatch } from './measured.mjs'
import { framesToBars } from './race-pipeline.mjs'
import { countingSink } from './sinks.mjs'

/** Frames of trades that are whole: only those get as far as where they are counted. */
const framesIn = (buffer) => buffer.toString('latin1').split(']}\n').length - 1

/**
 * Frames in memory to bars, and dead letters to a sink that counts them.
 * @param shiftMillis - between the copies
 * @returns `costs` of the copies: the first has the time in it that V8 takes to compile what runs
 */
export const runCopies = async ({ buffer, copies, shiftMillis, bars }) => {
  const frames = framesIn(buffer)
  const lines = lineStartsOf(buffer).length - 1
  const times = timesIn(buffer)
  const deadLetters = countingSink('dead letters')
  const source = memoryLines(batchesOf(buffer))
  const costs = []
  let seenFrames = 0
  let watch = stopwatch()

  // The next copy is made between the times that are taken.
  const nextCopy = () => {
    if (costs.length === copies) return source.push('memory', end)
    moveTimes(buffer, times, shiftMillis)
    const batches = batchesOf(buffer, costs.length * lines)
    watch = stopwatch()
    source.push('memory', ...batches)
  }
  const seen = () => {
    if (++seenFrames % frames !== 0) return
    costs.push(watch())
    setImmediate(nextCopy)
  }

  const { total } = await runLocal(framesToBars({ source, bars, deadLetters: deadLetters.sink }, seen), {}).done
  return { costs, unaccounted: total.unaccounted, deadLetters: deadLetters.seen.count, aggregated: total.aggregated }
}

import { runLocal } from '@millrace/core'
import { batchesOf, end, lineStartsOf, memoryLines } from './frames.mjs'
import { stopwatch } from './measured.mjs'
import { framesToBars } from './race-pipeline.mjs'
import { countingSink } from './sinks.mjs'

/**
 * Frames in memory to bars, dead letters to a sink that counts them: the cost of the whole, and of what follows the first
 * quarter, when what runs has been compiled.
 */
export const barsOfLines = async (buffer, bars) => {
  const warm = Math.floor((lineStartsOf(buffer).length - 1) / 4)
  const deadLetters = countingSink('dead letters')
  let frames = 0
  let rest = () => 0
  const seen = () => {
    if (++frames === warm) rest = stopwatch()
  }
  const pipeline = framesToBars({ source: memoryLines([...batchesOf(buffer), end]), bars, deadLetters: deadLetters.sink }, seen)
  const whole = stopwatch()
  const { total } = await runLocal(pipeline, {}).done
  return { cpuMicros: rest(), wholeMicros: whole(), unaccounted: total.unaccounted, deadLetters: deadLetters.seen.count }
}

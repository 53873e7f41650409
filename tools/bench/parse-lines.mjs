import { lineStartsOf } from './frames.mjs'
import { stopwatch } from './measured.mjs'

/** JSON.parse of every line and nothing else: its cost, of the whole and of what follows the first quarter. */
export const parseLines = (buffer) => {
  const starts = lineStartsOf(buffer)
  const lines = starts.length - 1
  const warm = Math.floor(lines / 4)
  let parsed = 0
  const parse = (from, to) => {
    for (let i = from; i < to; i++) {
      try {
        if (typeof JSON.parse(buffer.utf8Slice(starts[i], starts[i + 1] - 1)) === 'object') parsed++
      } catch {
        // The race has frames that were cut off.
      }
    }
  }
  const whole = stopwatch()
  parse(0, warm)
  const rest = stopwatch()
  parse(warm, lines)
  return { cpuMicros: rest(), wholeMicros: whole(), parsed }
}

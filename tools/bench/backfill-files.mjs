// The race as files: some hours of trades, one a line.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyShiftMillis, moveTimes, timesIn } from './copies.mjs'
import { lineStartsOf } from './frames.mjs'

const linesAFile = 100_000
/** @returns the files in their order */
export const writeBackfillFiles = (folder, trades, copies) => {
  mkdirSync(folder, { recursive: true })
  const buffer = Buffer.from(trades)
  const times = timesIn(buffer)
  const starts = lineStartsOf(buffer)
  const files = []
  for (let copy = 0; copy < copies; copy++) {
    if (copy > 0) moveTimes(buffer, times, copyShiftMillis)
    for (let line = 0; line < starts.length - 1; line += linesAFile) {
      const file = join(folder, `t_${String(files.length).padStart(3, '0')}.ndjson`)
      writeFileSync(file, buffer.subarray(starts[line], starts[Math.min(line + linesAFile, starts.length - 1)]))
      files.push(file)
    }
  }
  return files
}

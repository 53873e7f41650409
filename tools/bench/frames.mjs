// Lines of one buffer as records of a source that has them all in memory.
import { memorySource } from '@millrace/core/testing'

const newline = 0x0a
/** About what one read of a socket brings. */
const recordsABatch = 100
/** When all of it was received: later than any trade. */
const receivedAtMillis = 2_000_000_000_000

/** Where each line starts, and the end of the last. */
export const lineStartsOf = (buffer) => {
  const starts = [0]
  for (let at = buffer.indexOf(newline); at >= 0; at = buffer.indexOf(newline, at + 1)) starts.push(at + 1)
  return starts
}

const packed = (buffer, lineStarts, from, to, firstPosition) => {
  const count = to - from
  const base = lineStarts[from]
  const [starts, ends, positions] = [new Uint32Array(count), new Uint32Array(count), new Float64Array(count)]
  for (let i = 0; i < count; i++) {
    starts[i] = lineStarts[from + i] - base
    ends[i] = lineStarts[from + i + 1] - 1 - base
    positions[i] = firstPosition + from + i
  }
  return { _tag: 'Packed', count, buffer: buffer.subarray(base, lineStarts[to]), starts, ends, positions, receivedAtMillis }
}

/** The lines as batches of a memory source. */
export const batchesOf = (buffer, firstPosition = 0) => {
  const lineStarts = lineStartsOf(buffer)
  const batches = []
  for (let from = 0; from < lineStarts.length - 1; from += recordsABatch) {
    const to = Math.min(lineStarts.length - 1, from + recordsABatch)
    batches.push({ _tag: 'Batch', records: packed(buffer, lineStarts, from, to, firstPosition) })
  }
  return batches
}

export const end = { _tag: 'End' }

/** A source of one partition, unbounded, so that its watermark moves with the records. */
export const memoryLines = (entries) => memorySource({ partitions: [{ name: 'memory', entries }], capabilities: { bounded: false } })

import type { Failure } from '@millrace/core'
import { CLOSE_CURLY, NEWLINE, OPEN_CURLY, SPACE, indexFrom, isBlank } from './bytes.js'
import { MAX_BATCH_RECORDS, type Columns } from './columns.js'
import { endPending, givePending } from './end-pending.js'
import type { Failures } from './failures.js'
import type { Chunk, Framer, FrameState } from './framer.js'
import { Pending } from './pending.js'

/** A record a line, without the blanks around it; lines of blanks only are none. @internal */
export class LinesFramer implements Framer {
  readonly state: FrameState = 'lines'
  private readonly failures: Failures
  private readonly pending: Pending

  constructor(failures: Failures, pending = new Pending(failures.maxRecordBytes)) {
    this.failures = failures
    this.pending = pending
  }

  get pendingFrom(): number | undefined {
    return this.pending.active ? this.pending.start : undefined
  }

  run(chunk: Chunk, at: number, columns: Columns): number {
    return this.pending.active ? this.goOn(chunk.bytes, at, columns) : this.frame(chunk, at, columns)
  }

  end(total: number, columns: Columns, cut: Failure | undefined): void {
    endPending(this.pending, total, columns, this.failures, cut)
  }

  private goOn(bytes: Buffer, at: number, columns: Columns): number {
    const newline = indexFrom(bytes, NEWLINE, at)
    this.pending.append(bytes.subarray(at, newline))
    if (newline === bytes.length) return newline
    givePending(this.pending, columns, this.failures)
    return newline + 1
  }

  /**
   * The hot loop. Native searches for the newline and for the next braces cost half of a loop over the bytes; where braces
   * are is remembered from line to line, so that no byte is searched twice for the same.
   */
  private frame(chunk: Chunk, at: number, columns: Columns): number {
    const { bytes, start: offset } = chunk
    const { starts, ends, positions, joinable } = columns
    const { maxRecordBytes } = this.failures
    const length = bytes.length
    let count = columns.count
    let open = -1
    let close = -1
    let flatBefore = false
    let i = at
    while (i < length && count < MAX_BATCH_RECORDS) {
      const first = bytes[i] as number // In range by the loop.
      if (first <= SPACE && isBlank(first)) {
        i++
        continue
      }
      const newline = bytes.indexOf(NEWLINE, i)
      if (newline < 0) {
        this.pending.begin(offset + i)
        this.pending.append(bytes.subarray(i))
        i = length
        break
      }
      let end = newline
      while (isBlank(bytes[end - 1])) end--
      starts[count] = i
      ends[count] = end
      positions[count] = offset + i
      joinable[count] = 0
      let flat = false
      if (first === OPEN_CURLY) {
        // Between two lines there are blanks only.
        if (flatBefore) joinable[count - 1] = 1
        if (open <= i) open = indexFrom(bytes, OPEN_CURLY, i + 1)
        if (close < i) close = indexFrom(bytes, CLOSE_CURLY, i)
        flat = open >= end && close === end - 1
      }
      if (end - i > maxRecordBytes) {
        ends[count] = i + maxRecordBytes
        flat = false
        if (count > 0) joinable[count - 1] = 0
        columns.fail(count, this.failures.oversized(offset + i, end - i), end - i)
      }
      flatBefore = flat
      count++
      i = newline + 1
    }
    columns.count = count
    return i
  }
}

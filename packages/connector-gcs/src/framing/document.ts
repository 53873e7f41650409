import type { Failure } from '@millrace/core'
import { isBlank } from './bytes.js'
import type { Columns } from './columns.js'
import { endPending, failEmpty } from './end-pending.js'
import type { Failures } from './failures.js'
import type { Chunk, Framer, FrameState } from './framer.js'
import { Pending } from './pending.js'

/** The whole file is one record, without the blanks around it; a file of blanks is none. @internal */
export class DocumentFramer implements Framer {
  readonly state: FrameState = 'document'
  private readonly failures: Failures
  private readonly pending: Pending

  constructor(failures: Failures, pending = new Pending(failures.maxRecordBytes)) {
    this.failures = failures
    this.pending = pending
  }

  get pendingFrom(): number | undefined {
    return this.pending.active ? this.pending.start : undefined
  }

  run(chunk: Chunk, at: number): number {
    const { bytes, start } = chunk
    let i = at
    if (!this.pending.active) {
      while (i < bytes.length && isBlank(bytes[i])) i++
      if (i < bytes.length) this.pending.begin(start + i)
    }
    this.pending.append(bytes.subarray(i))
    return bytes.length
  }

  end(total: number, columns: Columns, cut: Failure | undefined): void {
    endPending(this.pending, total, columns, this.failures, cut)
  }
}

/** The whole file, to the last byte, is one record with a failure. @internal */
export class FailedFramer implements Framer {
  readonly state: FrameState = 'document'
  private readonly failure: Failure
  private readonly pending: Pending

  constructor(failure: Failure, maxRecordBytes: number) {
    this.failure = failure
    this.pending = new Pending(maxRecordBytes)
    this.pending.begin(0)
  }

  get pendingFrom(): number | undefined {
    return this.pending.active ? this.pending.start : undefined
  }

  run(chunk: Chunk, at: number): number {
    this.pending.append(chunk.bytes.subarray(at))
    return chunk.bytes.length
  }

  end(_total: number, columns: Columns): void {
    const bytes = this.pending.totalBytes
    if (bytes === 0) failEmpty(columns, 0, this.failure)
    else columns.append(this.pending.take(bytes), 0, bytes, this.failure)
  }
}

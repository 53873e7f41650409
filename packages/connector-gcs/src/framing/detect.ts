import type { Failure } from '@millrace/core'
import { ArrayFramer } from './array.js'
import { NEWLINE, OPEN_CURLY, OPEN_SQUARE, isBlank } from './bytes.js'
import type { Columns } from './columns.js'
import { DocumentFramer } from './document.js'
import { endPending, givePending } from './end-pending.js'
import type { Failures } from './failures.js'
import type { Chunk, Framer, FrameState } from './framer.js'
import { LinesFramer } from './lines.js'
import { Nesting } from './nesting.js'
import { Pending } from './pending.js'

/**
 * Tells by the content whether a file is an array, lines or one document, and hands over to the framer for it. `[` first is
 * an array. Otherwise the first line decides: where it leaves nothing open, the file is lines; where it leaves an object or
 * array open, one document. A first line that is cut off must not make a document of all the good lines after it, so what
 * could never be a document (a string open at the end of the line, or a `{` next where none may be) is lines as well.
 * No more than one record is held for it.
 * @internal
 */
export class DetectingFramer implements Framer {
  private chosen: Framer | undefined
  private lineIsOver = false
  private readonly nesting = new Nesting()
  private readonly failures: Failures
  private readonly pending: Pending

  constructor(failures: Failures) {
    this.failures = failures
    this.pending = new Pending(failures.maxRecordBytes)
  }

  get pendingFrom(): number | undefined {
    if (this.chosen !== undefined) return this.chosen.pendingFrom
    return this.pending.active ? this.pending.start : undefined
  }

  get state(): FrameState {
    // Before the choice nothing was given, but for a document at its end.
    return this.chosen?.state ?? 'document'
  }

  run(chunk: Chunk, at: number, columns: Columns): number {
    if (this.chosen !== undefined) return this.chosen.run(chunk, at, columns)
    return this.pending.active ? this.detect(chunk.bytes, at, columns) : this.begin(chunk, at)
  }

  end(total: number, columns: Columns, cut: Failure | undefined): void {
    if (this.chosen !== undefined) this.chosen.end(total, columns, cut)
    else endPending(this.pending, total, columns, this.failures, cut)
  }

  private begin(chunk: Chunk, at: number): number {
    const { bytes, start } = chunk
    let i = at
    while (i < bytes.length && isBlank(bytes[i])) i++
    if (i === bytes.length) return i
    if (bytes[i] === OPEN_SQUARE) this.chosen = new ArrayFramer(this.failures, 'start')
    else this.pending.begin(start + i)
    return i
  }

  private detect(bytes: Buffer, at: number, columns: Columns): number {
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] as number // In range by the loop.
      if (this.lineIsOver ? !isBlank(byte) : byte === NEWLINE) {
        const lines = this.lineIsOver ? byte === OPEN_CURLY && this.nesting.refusesObject
          : this.nesting.balanced || this.nesting.inString
        this.pending.append(bytes.subarray(at, i))
        if (lines) return this.chooseLines(i, columns)
        if (this.lineIsOver) return this.chooseDocument(i)
        this.lineIsOver = true
        return i
      }
      if (!this.lineIsOver) this.nesting.add(byte)
    }
    this.pending.append(bytes.subarray(at))
    return bytes.length
  }

  private chooseLines(at: number, columns: Columns): number {
    givePending(this.pending, columns, this.failures)
    this.chosen = new LinesFramer(this.failures)
    return at
  }

  private chooseDocument(at: number): number {
    this.chosen = new DocumentFramer(this.failures, this.pending)
    return at
  }
}

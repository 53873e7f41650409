import type { Failure } from '@millrace/core'
import { COMMA, OPEN_CURLY, OPEN_SQUARE, SPACE, isBlank } from './bytes.js'
import { MAX_BATCH_RECORDS, type Columns } from './columns.js'
import { failEmpty, failPending, givePending } from './end-pending.js'
import type { Failures } from './failures.js'
import { endOfFlatObject } from './flat-object.js'
import type { Chunk, Framer, FrameState } from './framer.js'
import { Lexer, isWhole, nestsWell } from './lexer.js'
import { Pending } from './pending.js'

const FIRST_TRIES = 8

/**
 * A record an element of one array: the text between two commas that are neither in a string nor nested, without the blanks
 * around it. Whether it parses is not judged here; what leaves no elements behind it (a string or nesting that never closes,
 * text after the array) takes the rest of the file as one record.
 * @internal
 */
export class ArrayFramer implements Framer {
  private phase: 'start' | 'firstElement' | 'element' | 'afterArray'
  /** Why the pending record takes all that is left of the file. */
  private rest: Failure | undefined
  private readonly failures: Failures
  private readonly pending: Pending
  private readonly lexer = new Lexer()

  constructor(failures: Failures, phase: 'start' | 'firstElement' | 'element' | 'afterArray') {
    this.failures = failures
    this.phase = phase
    this.pending = new Pending(failures.maxRecordBytes)
  }

  get pendingFrom(): number | undefined {
    return this.pending.active ? this.pending.start : undefined
  }

  get state(): FrameState {
    // Before the `[` nothing is given.
    return this.phase === 'start' ? 'firstElement' : this.phase
  }

  run(chunk: Chunk, at: number, columns: Columns): number {
    if (this.rest !== undefined) return this.keepRest(chunk.bytes, at)
    if (this.pending.active) return this.goOn(chunk.bytes, at, columns)
    if (this.phase === 'start' || this.phase === 'afterArray') return this.outside(chunk, at)
    return this.frame(chunk, at, columns)
  }

  end(total: number, columns: Columns, cut: Failure | undefined): void {
    if (this.rest !== undefined) return failPending(this.pending, columns, cut ?? this.rest)
    const inside = this.phase === 'firstElement' || this.phase === 'element'
    if (this.pending.active) {
      if (!this.pendingIsWhole()) {
        return failPending(this.pending, columns, cut ?? this.failures.unterminated(this.pending.start))
      }
      givePending(this.pending, columns, this.failures)
    }
    if (cut !== undefined) failEmpty(columns, total, cut)
    else if (inside) failEmpty(columns, total, this.failures.missingBracket(total))
  }

  private pendingIsWhole(): boolean {
    const { trimmedBytes, last, endsBlank } = this.pending
    if (trimmedBytes > this.failures.maxRecordBytes || !isWhole(this.lexer, last, endsBlank)) return false
    return nestsWell(this.pending.peek(trimmedBytes))
  }

  /** Before the array and after it there are blanks only. */
  private outside(chunk: Chunk, at: number): number {
    const { bytes, start } = chunk
    let i = at
    while (i < bytes.length && isBlank(bytes[i])) i++
    if (i === bytes.length) return i
    if (this.phase === 'start' && bytes[i] === OPEN_SQUARE) {
      this.phase = 'firstElement'
      return i + 1
    }
    this.rest = this.phase === 'start' ? this.failures.notAnArray(start + i) : this.failures.textAfterArray(start + i)
    this.pending.begin(start + i)
    return i
  }

  private keepRest(bytes: Buffer, at: number): number {
    this.pending.append(bytes.subarray(at))
    return bytes.length
  }

  private goOn(bytes: Buffer, at: number, columns: Columns): number {
    const end = this.lexer.scan(bytes, at)
    this.pending.append(bytes.subarray(at, end))
    if (end === bytes.length) return end
    givePending(this.pending, columns, this.failures)
    this.phase = bytes[end] === COMMA ? 'element' : 'afterArray'
    return end + 1
  }

  private hold(bytes: Buffer, from: number, position: number): void {
    this.pending.begin(position)
    this.pending.append(bytes.subarray(from))
  }

  /** The hot loop. Ends early behind the `]`. */
  private frame(chunk: Chunk, at: number, columns: Columns): number {
    const { bytes, start: offset } = chunk
    const { starts, ends, positions, joinable } = columns
    const { failures, lexer } = this
    const length = bytes.length
    let count = columns.count
    let flatBefore = false
    // Where most elements are not flat, the shortcut is not tried any more in this batch.
    let tries = FIRST_TRIES
    let i = at
    while (i < length && count < MAX_BATCH_RECORDS) {
      const first = bytes[i] as number // In range by the loop.
      if (first <= SPACE && isBlank(first)) {
        i++
        continue
      }
      let delimiter = first === OPEN_CURLY && tries >= 0 ? endOfFlatObject(bytes, i) : -1
      const flat = delimiter >= 0
      tries += flat ? 1 : -1
      if (!flat) {
        lexer.reset()
        // A comma or bracket at once is found again as the delimiter of nothing.
        delimiter = lexer.scan(bytes, i)
      }
      if (delimiter === length) {
        this.hold(bytes, i, offset + i)
        i = length
        break
      }
      const last = bytes[delimiter] !== COMMA
      let end = delimiter
      while (end > i && isBlank(bytes[end - 1])) end--
      if (end > i || !last || this.phase === 'element') {
        starts[count] = i
        ends[count] = end
        positions[count] = offset + i
        joinable[count] = 0
        let joins = false
        if (end === i) {
          columns.fail(count, last ? failures.trailingComma(offset + i) : failures.emptyElement(offset + i))
        } else if (end - i > failures.maxRecordBytes) {
          ends[count] = i + failures.maxRecordBytes
          columns.fail(count, failures.oversized(offset + i, end - i), end - i)
        } else if (first === OPEN_CURLY) {
          if (flatBefore) joinable[count - 1] = 1
          // With blanks before its comma it would be followed by two.
          joins = flat && end === delimiter
        }
        flatBefore = joins
        count++
      }
      i = delimiter + 1
      this.phase = last ? 'afterArray' : 'element'
      if (last) break
    }
    columns.count = count
    return i
  }
}

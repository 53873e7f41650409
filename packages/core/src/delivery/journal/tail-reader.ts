import { open, type FileHandle } from 'node:fs/promises'
import type { SourceBatch } from '../../source.js'
import { BatchColumns } from './batch-columns.js'
import { missingRecords, wrongRecord } from './journal-errors.js'
import type { JournalOffset } from './journal-offset.js'
import type { JournalWriter } from './journal-writer.js'
import { claimedEnd, CUT_SHORT, endOfRecord, FRAME, GAP, HEAD_BYTES, isHead, SEGMENT_BYTES } from './record-form.js'
import { headOfSegment } from './segment-content.js'
import type { Segment } from './segments.js'

const READ_BYTES = 1024 * 1024

/**
 * Reads what is in the journal, behind one record, as far as it is appended. What is handed out lies in the buffers that were read
 * into; none is used twice.
 */
export class TailReader {
  readonly #writer: JournalWriter
  readonly #after: number
  readonly #columns: BatchColumns
  #segment: Segment | undefined
  #handle: FileHandle | undefined
  #buffer: Buffer = Buffer.alloc(0)
  /** In the buffer. */
  #at = 0
  /** Where the buffer begins in the file. */
  #bufferAt = 0
  /** Of the record at `#at`. */
  #number = 0

  /** @param after the last record that is not wanted; 0: all are */
  constructor(writer: JournalWriter, after: number) {
    this.#writer = writer
    this.#columns = new BatchColumns(writer.journal)
    this.#after = after
  }

  /** Whether there is more than was given. */
  get hasMore(): boolean {
    return this.nextNumber <= this.#writer.lastNumber
  }

  /** Of the next record that is wanted. */
  get nextNumber(): number {
    return Math.max(this.#number, this.#after + 1)
  }

  /** Where in the journal reading begins, or up to one segment before. */
  get startBytes(): number {
    if (this.#after >= this.#writer.lastNumber) return this.#writer.end
    return this.#firstSegment()?.base ?? 0
  }

  #firstSegment(): Segment | undefined {
    return this.#writer.segments.findLast((segment) => segment.first <= this.#after + 1) ?? this.#writer.segments[0]
  }

  /** How much of the journal is behind it, counted as its writer does. */
  get bytes(): number {
    return this.#segment === undefined ? 0 : this.#segment.base + this.#bufferAt + this.#at
  }

  /** The next records; undefined if there is nothing behind those it looked at. */
  async next(): Promise<SourceBatch<Uint8Array, JournalOffset> | undefined> {
    for (;;) {
      const batch = this.#gather()
      if (batch !== undefined) return batch
      if (!(await this.#fill())) return undefined
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  /** What of the buffer makes one batch; undefined if it has to be filled first. */
  #gather(): SourceBatch<Uint8Array, JournalOffset> | undefined {
    const buffer = this.#buffer
    const columns = this.#columns
    while (this.#at < buffer.length) {
      const end = endOfRecord(buffer, this.#at, buffer.length, this.#number)
      if (end === CUT_SHORT) break
      if (end < 0) throw this.#wrong()
      if (this.#number > this.#after) {
        const kind = buffer[this.#at + 12]
        if (kind === FRAME ? columns.isFull(end) : !columns.isEmpty) break
        if (kind === FRAME) columns.frame(buffer, this.#at, end, this.#number)
        else if (kind === GAP) columns.gap(buffer, this.#at, this.#number)
        else columns.silence(buffer, this.#at, this.#number)
      }
      this.#number++
      this.#at = end
    }
    return columns.isEmpty ? undefined : columns.take(buffer)
  }

  #wrong(): Error {
    return wrongRecord(this.#segment?.path ?? this.#writer.directory, this.#bufferAt + this.#at, this.#number)
  }

  /** Reads on. False if everything that was appended is read. */
  async #fill(): Promise<boolean> {
    const segment = this.#segment
    if (segment === undefined) return this.#start()
    const readTo = this.#bufferAt + this.#buffer.length
    // Said by its writer, or by its size when it was opened: more than that may be on its way into the file.
    if (readTo < segment.bytes) return this.#read(segment, readTo)
    // One that was removed is behind all others: then the first of them is the next.
    const next = this.#writer.segments[this.#writer.segments.indexOf(segment) + 1]
    if (this.#at < this.#buffer.length) throw this.#wrong()
    return next === undefined ? false : this.#enter(next)
  }

  async #start(): Promise<boolean> {
    const first = this.#firstSegment()
    return first === undefined ? false : this.#enter(first)
  }

  async #enter(segment: Segment): Promise<boolean> {
    await this.close()
    this.#handle = await open(segment.path, 'r')
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(SEGMENT_BYTES), 0, SEGMENT_BYTES, 0)
    const { previousNumber } = headOfSegment(segment.path, buffer.subarray(0, bytesRead), segment.first, this.#writer.journal)
    if (this.#segment !== undefined && previousNumber >= this.#number) throw missingRecords(this.#writer.directory, this.#number, previousNumber)
    this.#segment = segment
    this.#number = segment.first
    this.#buffer = Buffer.alloc(0)
    this.#at = 0
    this.#bufferAt = SEGMENT_BYTES
    return true
  }

  async #read(segment: Segment, from: number): Promise<boolean> {
    const left = this.#buffer.subarray(this.#at)
    const wanted = Math.min(Math.max(READ_BYTES, this.#missing(left)), segment.bytes - from)
    const buffer = Buffer.allocUnsafe(left.length + wanted)
    left.copy(buffer)
    const handle = this.#handle as FileHandle // as: a segment that was entered is open
    const { bytesRead } = await handle.read(buffer, left.length, wanted, from)
    this.#bufferAt += this.#at
    this.#at = 0
    this.#buffer = buffer.subarray(0, left.length + bytesRead)
    if (bytesRead === 0) throw this.#wrong()
    return true
  }

  /** How much of the first record is not in the buffer, if it can tell. */
  #missing(left: Buffer): number {
    return left.length >= HEAD_BYTES && isHead(left, 0, this.#number) ? claimedEnd(left, 0) - left.length : 0
  }
}

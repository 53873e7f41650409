import { open } from 'node:fs/promises'
import { damagedJournal, unknownJournal, wrongRecord } from './journal-errors.js'
import { claimedEnd, CUT_SHORT, endOfRecord, GAP, HEAD_BYTES, SEGMENT, SEGMENT_BYTES, segmentHeadOf, WRONG_BODY, type SegmentHead } from './record-form.js'
import type { SegmentName } from './segments.js'

/** What a segment holds. */
export interface SegmentContent {
  /** Undefined if not even that is whole. */
  readonly head: SegmentHead | undefined
  /** How many of its bytes are whole records, its beginning included. */
  readonly bytes: number
  /** Of the record that would come next. */
  readonly nextNumber: number
  /** When the last one was received. */
  readonly lastMillis: number
}

const areZeros = (buffer: Buffer, from: number): boolean => {
  let end = buffer.length
  while (end > from && buffer[end - 1] === 0) end--
  return end <= from
}

/**
 * Whether what is wrong at `at` is the end of a last append that a crash cut short: a record that would go on behind the end of the
 * file. After a power cut, which may leave zeros in the place of what was not on the disk yet, also one that is not as it was written and
 * has nothing but zeros behind it.
 */
export const isTorn = (buffer: Buffer, at: number, fault: number): boolean => {
  if (fault === CUT_SHORT) return true
  return areZeros(buffer, fault === WRONG_BODY ? claimedEnd(buffer, at) : at + HEAD_BYTES)
}

/**
 * @param journal the id that it must have; undefined: any
 * @throws ConnectorError (`FailedPrecondition`) if it is none of ours
 */
export const headOfSegment = (path: string, buffer: Buffer, first: number, journal?: string): SegmentHead => {
  const end = endOfRecord(buffer, 0, buffer.length, first)
  if (end < 0 || buffer[12] !== SEGMENT) throw damagedJournal(path, 0, 'this is not the beginning of a journal')
  const head = segmentHeadOf(buffer)
  if (head === undefined) throw unknownJournal(path)
  if (journal !== undefined && head.journal !== journal) throw damagedJournal(path, 0, `this is of the journal ${head.journal}, and what lies before it of ${journal}`)
  return head
}

/** The beginning of a segment. */
export const readSegmentHead = async ({ path, first }: SegmentName): Promise<SegmentHead> => {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SEGMENT_BYTES), 0, SEGMENT_BYTES, 0)
    return headOfSegment(path, buffer.subarray(0, bytesRead), first)
  } finally {
    await handle.close()
  }
}

const lastMillisAt = (buffer: Buffer, at: number): number => buffer.readDoubleLE(buffer[at + 12] === GAP ? at + 26 : at + 18)

/** Looks at every record of the last segment. */
export const lastSegmentContent = (path: string, first: number, buffer: Buffer): SegmentContent => {
  const start = endOfRecord(buffer, 0, buffer.length, first)
  if (start < 0 && isTorn(buffer, 0, start)) return { head: undefined, bytes: 0, nextNumber: first, lastMillis: Number.NaN }
  const head = headOfSegment(path, buffer, first)
  let at = SEGMENT_BYTES
  let nextNumber = first
  let lastMillis = head.previousMillis
  while (at < buffer.length) {
    const end = endOfRecord(buffer, at, buffer.length, nextNumber)
    if (end < 0 && isTorn(buffer, at, end)) break
    if (end < 0) throw wrongRecord(path, at, nextNumber)
    lastMillis = lastMillisAt(buffer, at)
    nextNumber++
    at = end
  }
  return { head, bytes: at, nextNumber, lastMillis }
}

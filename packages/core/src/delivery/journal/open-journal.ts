import { open, readFile, stat, truncate, unlink } from 'node:fs/promises'
import type { Logger } from '../../logger.js'
import { damagedJournal, missingRecords, unknownJournal, wrongRecord } from './journal-errors.js'
import type { JournalState } from './journal-writer.js'
import { claimedEnd, CUT_SHORT, endOfRecord, GAP, SEGMENT, SEGMENT_BYTES, segmentHeadOf, WRONG_BODY, type SegmentHead } from './record-form.js'
import { listSegments, type Segment, type SegmentName } from './segments.js'

/** What a segment holds. */
export interface SegmentContent extends SegmentHead {
  /** How many of its bytes are whole records, its beginning included; 0 if not even that is whole. */
  readonly bytes: number
  /** Of the record that would come next. */
  readonly nextNumber: number
  /** When the last one was received. */
  readonly lastMillis: number
}


/**
 * Whether what is wrong at `at` is the end of a last append that a crash cut short: a record that would go on behind the end of the
 * file; after a power cut also a last one of other bytes, or nothing but zeros.
 */
export const isTorn = (buffer: Buffer, at: number, fault: number): boolean => {
  if (fault === CUT_SHORT) return true
  if (fault === WRONG_BODY) return claimedEnd(buffer, at) === buffer.length
  return buffer.subarray(at).every((byte) => byte === 0)
}

/** @throws ConnectorError (`FailedPrecondition`) if it is none of ours */
export const headOfSegment = (path: string, buffer: Buffer, first: number): SegmentHead => {
  const end = endOfRecord(buffer, 0, buffer.length, first)
  if (end < 0 || buffer[12] !== SEGMENT) throw damagedJournal(path, 0, 'this is not the beginning of a journal')
  const head = segmentHeadOf(buffer)
  if (head === undefined) throw unknownJournal(path)
  return head
}

const lastMillisAt = (buffer: Buffer, at: number): number => buffer.readDoubleLE(buffer[at + 12] === GAP ? at + 26 : at + 18)

/** Looks at every record of the last segment. */
export const lastSegmentContent = (path: string, first: number, buffer: Buffer): SegmentContent => {
  const nothing = { bytes: 0, nextNumber: first, previousNumber: first - 1, previousMillis: Number.NaN, lastMillis: Number.NaN }
  const start = endOfRecord(buffer, 0, buffer.length, first)
  if (start < 0 && isTorn(buffer, 0, start)) return nothing
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
  return { ...head, bytes: at, nextNumber, lastMillis }
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

const cutTail = async ({ path }: SegmentName, content: SegmentContent, size: number, logger: Logger): Promise<void> => {
  if (size === content.bytes && size > 0) return
  const torn = size - content.bytes
  if (content.bytes === 0) await unlink(path)
  else await truncate(path, content.bytes)
  logger.warn(
    `the end of ${path} was torn by a crash: ${torn} bytes from byte ${content.bytes} on were no whole record, and were cut off (record ${content.nextNumber})`,
  )
}

const withSizes = async (names: readonly SegmentName[]): Promise<readonly Segment[]> => {
  const segments: Segment[] = []
  let base = 0
  for (const { path, first } of names) {
    const bytes = (await stat(path)).size
    segments.push({ path, first, bytes, base })
    base += bytes
  }
  return segments
}

/** Cuts off the torn end of a segment, which may be all of it. Answers what is left. */
const mendLast = async (last: SegmentName, logger: Logger): Promise<SegmentContent> => {
  const buffer = await readFile(last.path)
  const content = lastSegmentContent(last.path, last.first, buffer)
  await cutTail(last, content, buffer.length, logger)
  return content
}

interface Found {
  readonly names: readonly SegmentName[]
  readonly content: SegmentContent | undefined
}

/** A segment that was cut to nothing is gone: the one before it is the last one then. */
const findLast = async (directory: string, logger: Logger): Promise<Found> => {
  const names = await listSegments(directory)
  const last = names.at(-1)
  if (last === undefined) return { names, content: undefined }
  const content = await mendLast(last, logger)
  const before = names.at(-2)
  if (content.bytes > 0) return { names, content }
  const left = names.slice(0, -1)
  return { names: left, content: before === undefined ? content : await mendLast(before, logger) }
}

/**
 * Looks at what is there, and cuts off the torn end. To be called by the owner of the directory.
 * @param after the last record that was processed
 * @throws ConnectorError (`DataLoss`) if records behind it are damaged or missing
 */
export const openJournal = async (directory: string, after: number | undefined, logger: Logger): Promise<JournalState> => {
  const { names, content } = await findLast(directory, logger)
  const segments = await withSizes(names)
  const first = segments[0]
  const goneNumber = first === undefined ? (content?.nextNumber ?? 1) - 1 : (await readSegmentHead(first)).previousNumber
  if (after !== undefined && after < goneNumber) throw missingRecords(directory, after + 1, goneNumber)
  const lastNumber = content === undefined ? 0 : content.nextNumber - 1
  const lastMillis = content?.lastMillis ?? Number.NaN
  if (after === undefined || after <= lastNumber) return { directory, segments, lastNumber, lastMillis, nextNumber: lastNumber + 1 }
  logger.warn(
    `the journal in ${directory} ends with record ${lastNumber}, but record ${after} was processed: its end was lost (a power cut, or another directory); it goes on with record ${after + 1}`,
  )
  return { directory, segments, lastNumber, lastMillis, nextNumber: after + 1 }
}

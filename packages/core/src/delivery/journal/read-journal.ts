import { readFile } from 'node:fs/promises'
import type { Position } from '../../envelope.js'
import { ConnectorError, type Failure } from '../../failure.js'
import type { Gap } from '../../gap.js'
import { classified, fileErrorCode } from '../files/file-errors.js'
import { missingRecords, wrongRecord } from './journal-errors.js'
import { unpackDetails } from './record-details.js'
import { endOfRecord, FIXED_BYTES, FRAME, GAP, SEGMENT_BYTES } from './record-form.js'
import { headOfSegment, isTorn } from './segment-content.js'
import { listSegments, type SegmentName } from './segments.js'

/** What was received, one message of the source. @public */
export interface JournalFrame {
  readonly _tag: 'Frame'
  /** Its number in the journal: the position under which the pipeline sees it. */
  readonly number: number
  /** Unix epoch. */
  readonly receivedAtMillis: number
  /** How long nothing came right before it, while the source listened. */
  readonly silentMillis: number
  /** Its position in the source (connection and frame, say). */
  readonly position: Position
  readonly value: Buffer
  /** The source could not give it whole. */
  readonly failure?: Failure
}

/** A time in which the source heard nothing. @public */
export interface JournalGap extends Gap {
  readonly _tag: 'Gap'
  readonly number: number
}

/** It was heard that nothing came: windows closed on it. @public */
export interface JournalSilence {
  readonly _tag: 'Silence'
  readonly number: number
  /** Since the record before it; the next frame's is counted from here. */
  readonly silentMillis: number
}

/** One record of a journal. @public */
export type JournalRecord = JournalFrame | JournalGap | JournalSilence

const gapAt = (buffer: Buffer, at: number, number: number): JournalGap => {
  const reasonAt = at + FIXED_BYTES
  const reason = buffer.toString('utf8', reasonAt, reasonAt + buffer.readUInt32LE(at + 14))
  return { _tag: 'Gap', number, fromMillis: buffer.readDoubleLE(at + 18), toMillis: buffer.readDoubleLE(at + 26), reason }
}

const frameAt = (buffer: Buffer, at: number, end: number, number: number): JournalFrame => {
  const numbers = buffer[at + 13] ?? 0
  const detailsAt = at + FIXED_BYTES + numbers * 8
  const valueAt = detailsAt + buffer.readUInt32LE(at + 14)
  const { position, failure } = valueAt === detailsAt ? {} : unpackDetails(buffer.subarray(detailsAt, valueAt))
  return {
    _tag: 'Frame',
    number,
    receivedAtMillis: buffer.readDoubleLE(at + 18),
    silentMillis: buffer.readDoubleLE(at + 26),
    position: position ?? Array.from({ length: numbers }, (_, i) => buffer.readDoubleLE(at + FIXED_BYTES + i * 8)),
    value: buffer.subarray(valueAt, end),
    ...(failure && { failure }),
  }
}

const recordAt = (buffer: Buffer, at: number, end: number, number: number): JournalRecord => {
  const kind = buffer[at + 12]
  if (kind === FRAME) return frameAt(buffer, at, end, number)
  return kind === GAP ? gapAt(buffer, at, number) : { _tag: 'Silence', number, silentMillis: buffer.readDoubleLE(at + 26) }
}

/** Answers the number that would come next. */
function* recordsOf({ path, first }: SegmentName, buffer: Buffer, isLast: boolean): Generator<JournalRecord, number> {
  let number = first
  let at = SEGMENT_BYTES
  while (at < buffer.length) {
    const end = endOfRecord(buffer, at, buffer.length, number)
    if (end < 0 && isLast && isTorn(buffer, at, end)) break
    if (end < 0) throw wrongRecord(path, at, number)
    yield recordAt(buffer, at, end, number)
    number++
    at = end
  }
  return number
}

/** Undefined if it was removed since it was listed: then it was not needed any more. */
const readSegment = async ({ path }: SegmentName): Promise<Buffer | undefined> => {
  try {
    return await readFile(path)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw classified(error, 'Reading the journal', 'JournalFile')
  }
}

const noJournal = (directory: string): ConnectorError =>
  new ConnectorError({
    _tag: 'NoJournal',
    code: 'NotFound',
    message: `There is no journal in ${directory}: name the directory that was given to the run.`,
  })

/**
 * Every record of a journal that is still there, in order, as it was received: to be looked at, or given to another program. It needs no
 * lock and changes nothing; a journal that is being written is read as far as it is whole. What is trimmed meanwhile is left out.
 * @throws ConnectorError `NotFound` if there is none, `DataLoss` naming file and byte if it is damaged (not if only its end is torn)
 * @public
 */
export async function* readJournal(directory: string): AsyncGenerator<JournalRecord, void> {
  const segments = await listSegments(directory)
  if (segments.length === 0) throw noJournal(directory)
  let number: number | undefined
  let journal: string | undefined
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    const buffer = await readSegment(segment)
    if (buffer === undefined) {
      number = undefined
      continue
    }
    const start = endOfRecord(buffer, 0, buffer.length, segment.first)
    if (start < 0 && isLast && isTorn(buffer, 0, start)) return
    const head = headOfSegment(segment.path, buffer, segment.first, journal)
    if (number !== undefined && head.previousNumber >= number) throw missingRecords(directory, number, head.previousNumber)
    journal = head.journal
    number = yield* recordsOf(segment, buffer, isLast)
  }
}

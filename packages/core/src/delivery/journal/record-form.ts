import { crc32 } from 'node:zlib'
import { ID_BYTES } from './journal-offset.js'

/**
 * One record of a journal, everything little-endian:
 *
 * | byte | what |
 * | --- | --- |
 * | 0 | length of what follows the head, unsigned 32-bit |
 * | 4 | CRC-32 of what follows the head |
 * | 8 | check of the head itself and of the record's number |
 * | 12 | kind |
 * | 13 | frame: how many numbers the position has; segment: version of the format |
 * | 14 | bytes of the details, unsigned 32-bit |
 * | 18 | frame: receivedAtMillis; gap: fromMillis; silence: when the record before it was received; segment: number of the record before it (64-bit floats) |
 * | 26 | frame, silence: silentMillis; gap: toMillis; segment: when the record before it was received |
 * | 34 | the numbers of the position, then the details, then the value; segment: its mark, then the ids of its journal and of the one before |
 *
 * The head has a check of its own because only a length that can be believed tells a record that was cut short by a crash from one
 * that was damaged later. The number in it tells a record in its place from one that got there otherwise.
 */
export const HEAD_BYTES = 12
/** Where the numbers of the position begin. */
export const FIXED_BYTES = 34
/** Kinds of records. */
export const SEGMENT = 0
/** @see {@link SEGMENT} */
export const FRAME = 1
/** @see {@link SEGMENT} */
export const GAP = 2
/** @see {@link SEGMENT} */
export const SILENCE = 3
/** Numbers of a position that are written out; one of more parts, or of other parts, is among the details. */
export const MOST_NUMBERS = 15
/** Of the format. */
export const VERSION = 2

const magic = Buffer.from('millrace journal')
const idAt = FIXED_BYTES + magic.length
const beforeAt = idAt + ID_BYTES
/** What every segment begins with. */
export const SEGMENT_BYTES = beforeAt + ID_BYTES
const noId = '00'.repeat(ID_BYTES)

const TWO_TO_32 = 2 ** 32

const checkOf = (length: number, checksum: number, number: number): number => {
  let hash = Math.imul(length ^ 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15) ^ checksum, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 13) ^ (number >>> 0), 0x27d4eb2f)
  hash = Math.imul(hash ^ (hash >>> 16) ^ Math.floor(number / TWO_TO_32), 0x165667b1)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** Writes the head of the record that lies between `at` and `end`. */
export const seal = (buffer: Buffer, at: number, end: number, number: number): void => {
  const length = end - at - HEAD_BYTES
  const checksum = crc32(buffer.subarray(at + HEAD_BYTES, end))
  buffer.writeUInt32LE(length, at)
  buffer.writeUInt32LE(checksum, at + 4)
  buffer.writeUInt32LE(checkOf(length, checksum, number), at + 8)
}

/** Writes what all kinds of records have behind the head. Answers where the rest goes. */
export const putFixed = (buffer: Buffer, at: number, kind: number, small: number, details: number, first: number, second: number): number => {
  buffer[at + 12] = kind
  buffer[at + 13] = small
  buffer.writeUInt32LE(details, at + 14)
  buffer.writeDoubleLE(first, at + 18)
  buffer.writeDoubleLE(second, at + 26)
  return at + FIXED_BYTES
}

/** What a segment says of itself, and of what came before it. */
export interface SegmentHead {
  /** Id of its journal. */
  readonly journal: string
  /** Only in the first segment of all: id of a lost journal, from which this one goes on. */
  readonly before: string | undefined
  /** 0 before the first record of all. */
  readonly previousNumber: number
  /** Unix epoch; NaN if there was none. */
  readonly previousMillis: number
}

/** Writes the beginning of a segment whose first record is `number`. */
export const putSegmentHead = (buffer: Buffer, number: number, { journal, before = noId, previousNumber, previousMillis }: SegmentHead): void => {
  magic.copy(buffer, putFixed(buffer, 0, SEGMENT, VERSION, magic.length, previousNumber, previousMillis))
  buffer.write(journal + before, idAt, 'hex')
  seal(buffer, 0, SEGMENT_BYTES, number)
}

/** The record goes on behind the limit. */
export const CUT_SHORT = -1
/** The head is not the one that was written. */
export const WRONG_HEAD = -2
/** The head is right, and what follows is not what was written; it ends at `claimedEnd`. */
export const WRONG_BODY = -3

/** Where the record at `at` ends by its head: believe it only after the head was found right. */
export const claimedEnd = (buffer: Buffer, at: number): number => at + HEAD_BYTES + buffer.readUInt32LE(at)

/** Whether the head is that of this record; at least a head lies behind `at`. */
export const isHead = (buffer: Buffer, at: number, number: number): boolean =>
  buffer.readUInt32LE(at + 8) === checkOf(buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4), number)

/** Where the record `number` at `at` ends, if it is whole; otherwise what is wrong with it, less than 0. */
export const endOfRecord = (buffer: Buffer, at: number, limit: number, number: number): number => {
  if (limit - at < HEAD_BYTES) return CUT_SHORT
  if (!isHead(buffer, at, number)) return WRONG_HEAD
  const end = claimedEnd(buffer, at)
  if (end > limit) return CUT_SHORT
  if (end < at + FIXED_BYTES) return WRONG_HEAD
  return crc32(buffer.subarray(at + HEAD_BYTES, end)) === buffer.readUInt32LE(at + 4) ? end : WRONG_BODY
}

/** What a whole first record says, or undefined if it does not begin a segment that this version can read. */
export const segmentHeadOf = (buffer: Buffer): SegmentHead | undefined => {
  if (buffer[12] !== SEGMENT || buffer[13] !== VERSION || !buffer.subarray(FIXED_BYTES, idAt).equals(magic)) return undefined
  const before = buffer.toString('hex', beforeAt, SEGMENT_BYTES)
  return {
    journal: buffer.toString('hex', idAt, beforeAt),
    before: before === noId ? undefined : before,
    previousNumber: buffer.readDoubleLE(18),
    previousMillis: buffer.readDoubleLE(26),
  }
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileErrorCode } from '../files/file-errors.js'

/** One file of a journal. */
export interface Segment {
  readonly path: string
  /** Number of its first record. */
  readonly first: number
  /** How much of it are whole records, its beginning included. */
  bytes: number
  /** Bytes in the segments before it that this process knows. */
  readonly base: number
}

const pattern = /^records-(\d{16})\.journal$/
const DIGITS = 16

/** Where the segment is that begins with this record. */
export const segmentPath = (directory: string, first: number): string => join(directory, `records-${String(first).padStart(DIGITS, '0')}.journal`)

/** A segment by its name. */
export interface SegmentName {
  readonly path: string
  readonly first: number
}

/** The segments of a directory, in order; none if there is no directory. */
export const listSegments = async (directory: string): Promise<readonly SegmentName[]> => {
  const names = await readdir(directory).catch((error: unknown) => {
    if (fileErrorCode(error) !== 'ENOENT') throw error
    return []
  })
  const segments = names.flatMap((name) => {
    const digits = pattern.exec(name)?.[1]
    return digits === undefined ? [] : [{ path: join(directory, name), first: Number(digits) }]
  })
  return segments.toSorted((a, b) => a.first - b.first)
}

/** Those that hold nothing behind `upTo`. Never the last one. */
export const segmentsBehind = <S extends SegmentName>(segments: readonly S[], upTo: number): readonly S[] =>
  segments.filter((_, index) => {
    const next = segments[index + 1]
    return next !== undefined && next.first <= upTo + 1
  })

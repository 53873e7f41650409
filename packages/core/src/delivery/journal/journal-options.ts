import { resolve } from 'node:path'
import { nodeFiles, type JournalFiles, type JournalHook } from './journal-files.js'

/** Where a journal is, and how large it may grow. @public */
export interface JournalOptions {
  /** Made if it is not there, and this source's own. On a disk of this machine. */
  readonly directory: string
  /**
   * What may lie ahead of the last checkpoint before the source is paused; default 1 GiB, at least 4 KiB. The directory may hold one
   * segment and what the source gives after it was paused more than that.
   */
  readonly maxBytes?: number
  /** Size of one file, from 1 KiB to a quarter of `maxBytes`, and at most 1 GiB; default 16 MiB, or that quarter. Whole files are removed, behind a checkpoint. */
  readonly segmentBytes?: number
  /** Never remove anything; default false. Then the directory grows without limit. */
  readonly keep?: boolean
}

/** What tests put in the place of the disk. */
export interface JournalPorts {
  readonly files?: JournalFiles
  readonly hook?: JournalHook | undefined
}

/** All of it decided. */
export interface JournalSettings {
  readonly directory: string
  readonly maxBytes: number
  readonly segmentBytes: number
  readonly keep: boolean
  readonly files: JournalFiles
  readonly hook: JournalHook | undefined
}

const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024
const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024
const LEAST_SEGMENT_BYTES = 1024
// The last one is read whole at the start, and 2 GiB cannot be.
const MOST_SEGMENT_BYTES = 1024 * 1024 * 1024
const SEGMENTS = 4

const checkBytes = (name: string, bytes: number, least: number, most: number, whatMost: string): void => {
  if (Number.isSafeInteger(bytes) && bytes >= least && bytes <= most) return
  throw new RangeError(`journaled: ${name} is a whole number of bytes from ${least} to ${whatMost}, not ${bytes}`)
}

/** @throws RangeError naming the option */
export const journalSettings = (
  { directory, maxBytes = DEFAULT_MAX_BYTES, segmentBytes, keep = false }: JournalOptions,
  { files = nodeFiles, hook }: JournalPorts,
): JournalSettings => {
  if (typeof directory !== 'string' || directory === '') throw new RangeError('journaled: directory is the path of a directory, and not empty')
  checkBytes('maxBytes', maxBytes, LEAST_SEGMENT_BYTES * SEGMENTS, Number.MAX_SAFE_INTEGER, '2^53 - 1')
  const quarter = Math.floor(maxBytes / SEGMENTS)
  const most = Math.min(quarter, MOST_SEGMENT_BYTES)
  const decided = segmentBytes ?? Math.min(DEFAULT_SEGMENT_BYTES, most)
  checkBytes('segmentBytes', decided, LEAST_SEGMENT_BYTES, most, quarter > most ? `${most} (1 GiB)` : `a quarter of maxBytes, which is ${most}`)
  return { directory: resolve(directory), maxBytes, segmentBytes: decided, keep, files, hook }
}

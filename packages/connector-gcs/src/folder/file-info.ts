import type { BigIntStats } from 'node:fs'
import type { ObjectInfo } from '../object-store.js'

/** Which state of a file was seen. @internal */
export interface FileVersion {
  readonly sizeBytes: number
  /** ISO 8601 to the nanosecond, UTC: `2026-11-23T02:40:44.217910465Z`. */
  readonly modifiedAt: string
  /** Device and inode: another file under the same name has others. */
  readonly identity: string
}

/** A file as it was listed; its name is the real path. @internal */
export interface FileInfo extends ObjectInfo {
  readonly version: FileVersion
}

const NANOS_A_MILLI = 1_000_000n

/** For people, who are shown it when a file was touched. */
const isoOf = (nanos: bigint): string => {
  // Before 1970 the rest is counted from the millisecond before.
  const rest = ((nanos % NANOS_A_MILLI) + NANOS_A_MILLI) % NANOS_A_MILLI
  const millis = new Date(Number((nanos - rest) / NANOS_A_MILLI)).toISOString()
  return millis.replace('Z', `${String(rest).padStart(6, '0')}Z`)
}

/** @internal */
export const versionOf = (stats: BigIntStats): FileVersion => ({
  sizeBytes: Number(stats.size),
  modifiedAt: isoOf(stats.mtimeNs),
  identity: `${stats.dev}:${stats.ino}`,
})

/** What of the version differs, in words, or `undefined`. @internal */
export const difference = (listed: FileVersion, now: FileVersion): string | undefined => {
  if (listed.identity !== now.identity) return 'another file has taken its place'
  if (listed.sizeBytes !== now.sizeBytes) return `it had ${listed.sizeBytes} bytes, now it has ${now.sizeBytes}`
  return listed.modifiedAt === now.modifiedAt ? undefined : 'it was written to'
}

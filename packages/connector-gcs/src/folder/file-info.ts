import type { BigIntStats } from 'node:fs'
import type { ObjectInfo } from '../object-store.js'

/** Which state of a file was seen. @internal */
export interface FileVersion {
  readonly sizeBytes: number
  readonly mtimeNanos: string
  /** Device and inode: another file under the same name has others. */
  readonly identity: string
}

/** A file as it was listed; its name is the real path. @internal */
export interface FileInfo extends ObjectInfo {
  readonly version: FileVersion
}

/** @internal */
export const versionOf = (stats: BigIntStats): FileVersion => ({
  sizeBytes: Number(stats.size),
  mtimeNanos: String(stats.mtimeNs),
  identity: `${stats.dev}:${stats.ino}`,
})

/** What of the version differs, in words, or `undefined`. @internal */
export const difference = (listed: FileVersion, now: FileVersion): string | undefined => {
  if (listed.identity !== now.identity) return 'another file has taken its place'
  if (listed.sizeBytes !== now.sizeBytes) return `it had ${listed.sizeBytes} bytes, now it has ${now.sizeBytes}`
  return listed.mtimeNanos === now.mtimeNanos ? undefined : 'it was written to'
}

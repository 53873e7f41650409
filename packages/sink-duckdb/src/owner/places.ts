import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileIdentity } from '../file-identity.js'

/** What a socket's path may have, without the NUL at its end: `sun_path` of the system. */
const MAX_SOCKET_BYTES = process.platform === 'linux' ? 107 : 103

/** A socket is made in a folder of its own beside the place: `FILE.sock-1234567/s`. */
const DRAFT_BYTES = 10

const fits = (place: string): boolean => Buffer.byteLength(place) + DRAFT_BYTES <= MAX_SOCKET_BYTES

const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 24)

/**
 * Where the owner of a file listens: beside it, or where that path is too long or cannot be, in the folder for temporary
 * files. Whatever path led to the file, these are the same: it has one real path, and names that are hard links are all tried.
 */
export const placesOf = ({ id, names }: FileIdentity): readonly string[] => {
  if (process.platform === 'win32') return [`\\\\.\\pipe\\millrace-${hashOf(id)}`]
  return [...names.map((name) => `${name}.sock`), join(tmpdir(), `millrace-${hashOf(id)}.sock`)].filter(fits)
}

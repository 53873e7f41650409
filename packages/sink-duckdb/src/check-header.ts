import { closeSync, openSync, readSync } from 'node:fs'
import { RefusedError } from '@millrace/core'

const MAGIC = 'DUCK'
/** Behind a checksum of eight bytes. */
const MAGIC_AT = 8

const readMagic = (path: string): string => {
  const bytes = Buffer.alloc(MAGIC.length)
  const fd = openSync(path, 'r')
  try {
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, MAGIC.length, MAGIC_AT))
  } finally {
    closeSync(fd)
  }
}

/**
 * Looks whether a file that is there is a DuckDB database. DuckDB itself does not always: a `.csv`, `.json`, `.ndjson` or
 * `.parquet` it opens as data, in memory, takes all writes without an error and forgets them.
 * Only for files that this process does not have open: closing any handle of a file gives up the process's lock on it.
 * @throws RefusedError if it is not
 */
export const checkHeader = (path: string): void => {
  if (readMagic(path) === MAGIC) return
  throw new RefusedError(
    `${path} is not a DuckDB database, or is damaged: move it away, or give another file. It was not touched.`, 'NotADatabase',
  )
}

import type { Failure } from '@millrace/core'
import type { Columns } from './columns.js'

/** Some unpacked bytes of a file. @internal */
export interface Chunk {
  readonly bytes: Buffer
  /** Byte offset of the first of them in the unpacked file. */
  readonly start: number
}

/** Where a framer stands between two records: what an offset remembers of it. @internal */
export type FrameState = 'lines' | 'firstElement' | 'element' | 'afterArray' | 'document'

/** Cuts unpacked bytes into records. Knows nothing of files; one instance per read, fed in order. @internal */
export interface Framer {
  /**
   * Reads `chunk` from index `at` on, adds whole records to `columns` until these are full, the chunk ends, or a record that
   * began in an earlier chunk is whole.
   * @returns the index to go on at
   */
  run(chunk: Chunk, at: number, columns: Columns): number
  /**
   * The content is over, `total` bytes of it; `cut` tells why, if not by its own end: then exactly one record carries that
   * failure.
   */
  end(total: number, columns: Columns, cut: Failure | undefined): void
  /** Byte offset of the record that is begun and not whole. */
  readonly pendingFrom: number | undefined
  readonly state: FrameState
}

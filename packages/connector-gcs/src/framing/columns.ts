import type { Failure, PackedRecords } from '@millrace/core'

/** Records of one batch at most: enough that what a batch costs does not show, and still some milliseconds of work. @internal */
export const MAX_BATCH_RECORDS = 2_048

const EMPTY = Buffer.alloc(0)

/**
 * The records of the batch that is being framed, as columns. The arrays are scratch that is used again for the next batch;
 * `take` copies what is in them. Framing loops write to them directly, then set `count`.
 * @internal
 */
export class Columns {
  readonly starts = new Uint32Array(MAX_BATCH_RECORDS)
  readonly ends = new Uint32Array(MAX_BATCH_RECORDS)
  readonly positions = new Float64Array(MAX_BATCH_RECORDS)
  readonly joinable = new Uint8Array(MAX_BATCH_RECORDS)
  count = 0
  private failures: Map<number, Failure> | undefined
  private trueBytes: Map<number, number> | undefined
  private own: Buffer | undefined

  /** Marks record `index` as not whole. */
  fail(index: number, failure: Failure, trueBytes?: number): void {
    this.failures ??= new Map()
    this.failures.set(index, failure)
    if (trueBytes === undefined) return
    this.trueBytes ??= new Map()
    this.trueBytes.set(index, trueBytes)
  }

  /** A record whose bytes are its own instead of the chunk's: the only one of its batch, but for empty ones after it. */
  append(bytes: Buffer, position: number, trueBytes: number, failure?: Failure): void {
    const start = this.own?.length ?? 0
    this.own ??= bytes
    this.starts[this.count] = start
    this.ends[this.count] = start + bytes.length
    this.positions[this.count] = position
    this.joinable[this.count] = 0
    if (failure !== undefined) this.fail(this.count, failure, trueBytes === bytes.length ? undefined : trueBytes)
    this.count++
  }

  /** Hands out what was collected, over its own bytes or those of `chunk`, and is empty again. */
  take(chunk: Buffer, receivedAtMillis: number): PackedRecords {
    const { count } = this
    const starts = this.starts.slice(0, count)
    const ends = this.ends.slice(0, count)
    const records: PackedRecords = {
      _tag: 'Packed',
      count,
      buffer: this.own ?? rebase(chunk, starts, ends),
      starts,
      ends,
      positions: this.positions.slice(0, count),
      receivedAtMillis,
      joinable: this.joinable.slice(0, count),
      ...(this.failures === undefined ? {} : { failures: this.failures }),
      ...(this.trueBytes === undefined ? {} : { trueBytes: this.trueBytes }),
    }
    this.count = 0
    this.failures = undefined
    this.trueBytes = undefined
    this.own = undefined
    return records
  }
}

/** Cuts the chunk to what the records use, so that a queue which counts `buffer.length` does not count a chunk twice. */
const rebase = (chunk: Buffer, starts: Uint32Array, ends: Uint32Array): Buffer => {
  const count = starts.length
  if (count === 0) return EMPTY
  const base = starts[0] ?? 0
  // A record cut at its limit may end before an empty one after it starts, never the other way round.
  const end = Math.max(ends[count - 1] ?? 0, starts[count - 1] ?? 0)
  if (base === 0) return chunk.subarray(0, end)
  for (let i = 0; i < count; i++) {
    starts[i] = (starts[i] ?? 0) - base
    ends[i] = (ends[i] ?? 0) - base
  }
  return chunk.subarray(base, end)
}

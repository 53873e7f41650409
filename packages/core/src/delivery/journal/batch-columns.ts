import type { Failure } from '../../failure.js'
import type { Gap } from '../../gap.js'
import type { PackedRecords, SourceBatch } from '../../source.js'
import type { JournalOffset } from './journal-offset.js'
import { unpackDetails } from './record-details.js'
import { FIXED_BYTES } from './record-form.js'

/** Batches are kept well below what a queue holds. */
const MAX_RECORDS = 512
const MAX_BYTES = 128 * 1024

/** Gathers frames that lie in one buffer into one batch: columns that are filled, copied and filled again. */
export class BatchColumns {
  readonly #journal: string
  readonly #starts = new Uint32Array(MAX_RECORDS)
  readonly #ends = new Uint32Array(MAX_RECORDS)
  readonly #positions = new Float64Array(MAX_RECORDS)
  readonly #receivedAtMillis = new Float64Array(MAX_RECORDS)
  readonly #silentMillis = new Float64Array(MAX_RECORDS)
  #count = 0
  #isSilent = false
  #failures: Map<number, Failure> | undefined
  #trueBytes: Map<number, number> | undefined
  #gap: Gap | undefined
  #silence: number | undefined
  #lastNumber = 0
  #lastMillis = 0

  /** @param journal the id of the one they are of */
  constructor(journal: string) {
    this.#journal = journal
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#gap === undefined && this.#silence === undefined
  }

  /** Whether nothing that ends there fits any more. */
  isFull(end: number): boolean {
    return this.#silence !== undefined || (this.#count > 0 && (this.#count === MAX_RECORDS || end - (this.#starts[0] ?? 0) > MAX_BYTES))
  }

  frame(buffer: Buffer, at: number, end: number, number: number): void {
    const i = this.#count++
    const detailsBytes = buffer.readUInt32LE(at + 14)
    const detailsAt = at + FIXED_BYTES + (buffer[at + 13] ?? 0) * 8
    const receivedAtMillis = buffer.readDoubleLE(at + 18)
    const silentMillis = buffer.readDoubleLE(at + 26)
    this.#starts[i] = detailsAt + detailsBytes
    this.#ends[i] = end
    this.#positions[i] = number
    this.#receivedAtMillis[i] = receivedAtMillis
    this.#silentMillis[i] = silentMillis
    if (silentMillis !== 0) this.#isSilent = true
    if (detailsBytes > 0) this.#details(i, buffer.subarray(detailsAt, detailsAt + detailsBytes))
    this.#lastNumber = number
    this.#lastMillis = receivedAtMillis
  }

  /** Only into an empty one. */
  gap(buffer: Buffer, at: number, number: number): void {
    const reasonAt = at + FIXED_BYTES
    this.#gap = {
      fromMillis: buffer.readDoubleLE(at + 18),
      toMillis: buffer.readDoubleLE(at + 26),
      reason: buffer.toString('utf8', reasonAt, reasonAt + buffer.readUInt32LE(at + 14)),
    }
    this.#lastNumber = number
    this.#lastMillis = this.#gap.toMillis
  }

  /** Only into an empty one, and nothing behind it. */
  silence(buffer: Buffer, at: number, number: number): void {
    this.#silence = buffer.readDoubleLE(at + 26)
    this.#lastNumber = number
    this.#lastMillis = buffer.readDoubleLE(at + 18)
  }

  /** What was gathered; then it is empty. The records are in that buffer. */
  take(buffer: Buffer): SourceBatch<Uint8Array, JournalOffset> {
    const gap = this.#gap
    const silentMillis = this.#silence
    const offset = { journal: this.#journal, number: this.#lastNumber, receivedAtMillis: this.#lastMillis }
    const batch = { records: this.#records(buffer), offset, ...(gap && { gap }), ...(silentMillis !== undefined && { silentMillis }) }
    this.#count = 0
    this.#isSilent = false
    this.#failures = undefined
    this.#trueBytes = undefined
    this.#gap = undefined
    this.#silence = undefined
    return batch
  }

  #records(buffer: Buffer): PackedRecords {
    const count = this.#count
    // Only that part of the buffer that it is about: its length is what a queue takes for the size of the batch.
    const from = this.#starts[0] ?? 0
    const to = count === 0 ? from : (this.#ends[count - 1] ?? 0)
    const starts = this.#starts.slice(0, count)
    const ends = this.#ends.slice(0, count)
    for (let i = 0; i < count; i++) {
      // as: i < count, here and below
      starts[i] = (starts[i] as number) - from
      ends[i] = (ends[i] as number) - from
    }
    return {
      _tag: 'Packed',
      count,
      buffer: count === 0 ? Buffer.alloc(0) : buffer.subarray(from, to),
      starts,
      ends,
      positions: this.#positions.slice(0, count),
      receivedAtMillis: this.#receivedAtMillis.slice(0, count),
      ...(this.#isSilent && { silentMillis: this.#silentMillis.slice(0, count) }),
      ...(this.#failures && { failures: this.#failures }),
      ...(this.#trueBytes && { trueBytes: this.#trueBytes }),
    }
  }

  #details(index: number, packed: Buffer): void {
    const { failure, bytes } = unpackDetails(packed)
    if (failure !== undefined) (this.#failures ??= new Map()).set(index, failure)
    if (bytes !== undefined) (this.#trueBytes ??= new Map()).set(index, bytes)
  }
}

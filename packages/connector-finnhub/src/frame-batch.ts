import type { Failure, PackedRecords } from '@millrace/core'

/** The frames of one turn, until they are given as one batch. */
export class FrameBatch {
  #frames: Uint8Array[] = []
  #receivedAtMillis: number[] = []
  #silentMillis: number[] = []
  #failures = new Map<number, Failure>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#frames.length
  }

  add(frame: Uint8Array, receivedAtMillis: number, silentMillis: number, failure?: Failure): void {
    if (failure !== undefined) this.#failures.set(this.#frames.length, failure)
    this.#frames.push(frame)
    this.#receivedAtMillis.push(receivedAtMillis)
    this.#silentMillis.push(silentMillis)
    this.#bytes += frame.byteLength
  }

  /** All of them, numbered from `first`; it is empty afterwards. The bytes are copied: a frame may be a small view of a large read. */
  take(first: number): PackedRecords {
    const count = this.#frames.length
    const packed: PackedRecords = {
      _tag: 'Packed',
      count,
      buffer: Buffer.concat(this.#frames, this.#bytes),
      ...this.#columns(count, first),
      receivedAtMillis: Float64Array.from(this.#receivedAtMillis),
      silentMillis: Float64Array.from(this.#silentMillis),
      ...(this.#failures.size === 0 ? {} : { failures: this.#failures }),
    }
    this.#clear()
    return packed
  }

  #columns(count: number, first: number): Pick<PackedRecords, 'starts' | 'ends' | 'positions'> {
    const starts = new Uint32Array(count)
    const ends = new Uint32Array(count)
    const positions = new Float64Array(count)
    let at = 0
    for (const [i, frame] of this.#frames.entries()) {
      starts[i] = at
      ends[i] = at += frame.byteLength
      positions[i] = first + i
    }
    return { starts, ends, positions }
  }

  #clear(): void {
    this.#frames = []
    this.#receivedAtMillis = []
    this.#silentMillis = []
    if (this.#failures.size > 0) this.#failures = new Map()
    this.#bytes = 0
  }
}

const slabBytes = 1_048_576
/** Kept between epochs: the whole state of 100,000 bars takes 11 MB. */
const keptSlabs = 16

/**
 * Memory for the blobs of one epoch, used again by the next. Blobs live until their commit has ended, long enough to be garbage
 * that only a full collection frees: tens of megabytes at any time, were they made anew.
 */
export class BlobPool {
  #slabs: Uint8Array[] = []
  #slab = 0
  #used = 0

  /** What was copied so far may be written over from here on. */
  reset(): void {
    this.#slabs = this.#slabs.slice(0, keptSlabs)
    this.#slab = this.#used = 0
  }

  readonly copy = (bytes: Uint8Array): Uint8Array => {
    const copied = this.#take(bytes.length)
    copied.set(bytes)
    return copied
  }

  #take(length: number): Uint8Array {
    for (; this.#slab < this.#slabs.length; this.#slab++, this.#used = 0) {
      const slab = this.#slabs[this.#slab] as Uint8Array // as: #slab < length
      if (this.#used + length > slab.length) continue
      this.#used += length
      return slab.subarray(this.#used - length, this.#used)
    }
    const slab = new Uint8Array(Math.max(slabBytes, length))
    this.#slabs.push(slab)
    this.#used = length
    return slab.subarray(0, length)
  }
}

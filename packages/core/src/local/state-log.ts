import type { CheckpointHeader, StateChanges } from '../delivery/checkpoint-form.js'
import { BlobPool } from '../delivery/blob-pool.js'
import type { CheckpointWrite } from '../store.js'
import { checkpointWrite } from './epoch.js'

/** A log this much longer than its last full state (or this long, if that is more) is written anew. */
const growth = 2
const leastBytes = 4 * 1024 * 1024

const sizeOf = (blobs: readonly Uint8Array[]): number => blobs.reduce((sum, blob) => sum + blob.byteLength, 0)

/** Decides when the log of state changes is replaced by the whole state. */
export class StateLog {
  readonly #pool = new BlobPool()
  #fullBytes = 0
  /** At first what is in the store, if anything, is another run's. */
  #loggedBytes = Number.POSITIVE_INFINITY

  /** Goes on with the log that an earlier process left: so long, and of so many accumulators, of which so many are alive. */
  resume(blobs: readonly Uint8Array[], accumulators: number, alive: number): void {
    this.#loggedBytes = sizeOf(blobs)
    this.#fullBytes = accumulators === 0 ? this.#loggedBytes : this.#loggedBytes * (alive / accumulators)
  }

  get wantsReset(): boolean {
    return this.#loggedBytes > Math.max(leastBytes, growth * this.#fullBytes)
  }

  /** The next call writes over the bytes of this one, whose commit must have ended by then. */
  write(header: CheckpointHeader, reset: boolean, changes: StateChanges): CheckpointWrite {
    this.#pool.reset()
    const write = checkpointWrite(header, reset, changes, this.#pool.copy)
    const bytes = sizeOf(write.changes)
    if (reset) this.#fullBytes = this.#loggedBytes = bytes
    else this.#loggedBytes += bytes
    return write
  }
}

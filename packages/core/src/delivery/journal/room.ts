import { BehaviorSubject } from 'rxjs'
import type { Credit } from '../../source.js'

/** Up to `number`, the journal has this many bytes. */
interface Mark {
  readonly number: number
  readonly bytes: number
}

/** Marks are set no closer than this part of the limit: so many are kept at most. */
const MARKS = 256

/**
 * How much lies ahead of what is settled, and the credit of the inner source: it is paused when that is more than the limit, until it is
 * down to three quarters.
 */
export class Room {
  readonly #paused = new BehaviorSubject(false)
  #waiters: (() => void)[] = []
  #marks: Mark[] = []
  #given: Mark = { number: 0, bytes: 0 }
  #settledBytes: number
  #endBytes: number
  readonly #maxBytes: number
  readonly #onFull: (isFull: boolean, aheadBytes: number) => void

  /** @param settledBytes where reading begins; `endBytes` where the journal ends */
  constructor(maxBytes: number, settledBytes: number, endBytes: number, onFull: (isFull: boolean, aheadBytes: number) => void) {
    this.#maxBytes = maxBytes
    this.#settledBytes = settledBytes
    this.#endBytes = endBytes
    this.#onFull = onFull
    this.#look()
  }

  /** Of the last record that was given. */
  get givenNumber(): number {
    return this.#given.number
  }

  appended(endBytes: number): void {
    this.#endBytes = endBytes
    this.#look()
  }

  given(number: number, bytes: number): void {
    this.#given = { number, bytes }
    if (bytes - (this.#marks.at(-1)?.bytes ?? this.#settledBytes) >= this.#maxBytes / MARKS) this.#marks.push(this.#given)
  }

  settled(upTo: number): void {
    const behind = this.#marks.filter(({ number }) => number <= upTo)
    this.#marks = this.#marks.slice(behind.length)
    const last = upTo >= this.#given.number ? this.#given : behind.at(-1)
    this.#settledBytes = Math.max(this.#settledBytes, last?.bytes ?? 0)
    this.#look()
  }

  /** For the inner source. */
  credit(signal: AbortSignal): Credit {
    return {
      paused$: this.#paused,
      ready: async () => {
        while (this.#paused.value && !signal.aborted) await new Promise<void>((resolve) => this.#waiters.push(resolve))
        signal.throwIfAborted()
      },
    }
  }

  /** Whoever waits looks at the signal again. */
  release(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }

  #look(): void {
    const aheadBytes = this.#endBytes - this.#settledBytes
    const isFull = aheadBytes > (this.#paused.value ? (this.#maxBytes * 3) / 4 : this.#maxBytes)
    if (isFull === this.#paused.value) return
    this.#onFull(isFull, aheadBytes)
    this.#paused.next(isFull)
    if (!isFull) this.release()
  }
}

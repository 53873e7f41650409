import { isAscii, isUtf8 } from 'node:buffer'
import { safeJson } from '../codec/safe-json.js'

const maxPayloadJsonBytes = 16 * 1024 * 1024
/** Larger ones become texts at once: those the collector does not move. */
const maxHeldBytes = 64 * 1024
/** Room that is kept for the next payloads; more is given back. */
const maxKeptRoomBytes = 1024 * 1024

/** A source record as its dead letter shows it: text if it is valid UTF-8, else base64. */
export interface PayloadText {
  readonly text: string | null
  readonly base64: string | null
}

/** Of a letter without one. */
export const absent: PayloadText = { text: null, base64: null }

const textOf = (bytes: Buffer): PayloadText =>
  isUtf8(bytes) ? { text: bytes.toString('utf8'), base64: null } : { text: null, base64: bytes.toString('base64') }

const textOfAny = (value: unknown): PayloadText =>
  value instanceof Uint8Array ? textOf(Buffer.from(value.buffer, value.byteOffset, value.byteLength)) : { text: safeJson(value, maxPayloadJsonBytes), base64: null }

/**
 * The payloads of what waits. Records of bytes wait as bytes, behind one another and outside of V8's heap, where the collector would
 * copy each twice; they are texts only when they are asked for.
 */
export class Payloads {
  #bytes = Buffer.alloc(0)
  #used = 0
  #isAscii: boolean | undefined
  /** By payload: where its bytes end. They begin where those of the one before end. */
  #ends: number[] = []
  /** By payload: what is not held as bytes. */
  #texts = new Map<number, PayloadText>()
  #textLength = 0

  /** Bytes, and UTF-16 units of texts. */
  get size(): number {
    return this.#used + this.#textLength
  }

  /** Copies a record. @returns the index of its payload */
  add(value: unknown): number {
    const index = this.#ends.length
    if (value instanceof Uint8Array && value.length <= maxHeldBytes) this.#append(value)
    else this.#keep(index, textOfAny(value))
    this.#ends.push(this.#used)
    return index
  }

  /** @param index - as `add` returned it */
  at(index: number): PayloadText {
    const kept = this.#texts.get(index)
    if (kept !== undefined) return kept
    const start = index === 0 ? 0 : (this.#ends[index - 1] as number) // as: below `index`, and so an index
    const end = this.#ends[index] as number // as: the caller's part
    // One look at all of them instead of two at each: nearly always they are ASCII.
    this.#isAscii ??= isAscii(this.#bytes.subarray(0, this.#used))
    return this.#isAscii ? { text: this.#bytes.toString('latin1', start, end), base64: null } : textOf(this.#bytes.subarray(start, end))
  }

  clear(): void {
    if (this.#bytes.length > maxKeptRoomBytes) this.#bytes = Buffer.alloc(0)
    this.#used = 0
    this.#isAscii = undefined
    this.#ends = []
    this.#texts.clear()
    this.#textLength = 0
  }

  #append(bytes: Uint8Array): void {
    const end = this.#used + bytes.length
    if (end > this.#bytes.length) this.#grow(end)
    this.#bytes.set(bytes, this.#used)
    this.#used = end
    this.#isAscii = undefined
  }

  #grow(neededBytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(maxHeldBytes, neededBytes, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = larger
  }

  #keep(index: number, text: PayloadText): void {
    this.#texts.set(index, text)
    this.#textLength += (text.text ?? text.base64)?.length ?? 0
  }
}

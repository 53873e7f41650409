import { trailingBlanks } from './bytes.js'

const FIRST_BYTES = 256

/**
 * The record that the end of a chunk cut in two: its bytes are copied here until it is whole. Grows geometrically and never
 * holds more than `maxBytes`; what is beyond is counted only.
 * @internal
 */
export class Pending {
  /** Whether there is a record at all. */
  active = false
  /** Byte offset of its first byte in the unpacked file. */
  start = 0
  /** Its last byte so far, held or not. */
  last = 0
  private readonly maxBytes: number
  private held: Buffer = Buffer.alloc(0)
  private heldBytes = 0
  private bytes = 0
  private blanks = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Begins a record at byte offset `start`. */
  begin(start: number): void {
    this.active = true
    this.start = start
    this.bytes = 0
    this.heldBytes = 0
    this.blanks = 0
    this.held = Buffer.alloc(0)
  }

  append(part: Uint8Array): void {
    if (part.length === 0) return
    const blanks = trailingBlanks(part)
    this.blanks = blanks === part.length ? this.blanks + blanks : blanks
    this.last = part[part.length - 1] ?? 0
    this.bytes += part.length
    const kept = Math.min(part.length, this.maxBytes - this.heldBytes)
    if (kept > 0) this.hold(kept === part.length ? part : part.subarray(0, kept))
  }

  /** Length without the blanks at its end. */
  get trimmedBytes(): number {
    return this.bytes - this.blanks
  }

  /** Length with them. */
  get totalBytes(): number {
    return this.bytes
  }

  /** Whether blanks follow what came so far. */
  get endsBlank(): boolean {
    return this.blanks > 0
  }

  /** What is held of the first `length` bytes. The buffer belongs to the caller from here on, and the record is over. */
  take(length: number): Buffer {
    const taken = this.peek(length)
    this.active = false
    this.held = Buffer.alloc(0)
    return taken
  }

  /** The same, to look at only. */
  peek(length: number): Buffer {
    return this.held.subarray(0, Math.min(length, this.heldBytes))
  }

  private hold(part: Uint8Array): void {
    const needed = this.heldBytes + part.length
    if (needed > this.held.length) this.grow(needed)
    this.held.set(part, this.heldBytes)
    this.heldBytes = needed
  }

  private grow(needed: number): void {
    const doubled = Math.max(FIRST_BYTES, needed, this.held.length * 2)
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(doubled, this.maxBytes)))
    this.held.copy(grown, 0, 0, this.heldBytes)
    this.held = grown
  }
}

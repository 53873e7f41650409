import { createHash, type Hash } from 'node:crypto'

/** Unpacked bytes per link of the chain: what a resumed read has to hash again at most. */
export const BLOCK_BYTES = 1024 * 1024

/** The start of the block that `byte` lies in. @internal */
export const blockStart = (byte: number): number => byte - (byte % BLOCK_BYTES)

/**
 * SHA-256 over content that can be resumed at every MiB: each link hashes the link before it and one block. (The state of a
 * plain SHA-256 cannot be saved in Node.)
 * @internal
 */
export class ContentDigest {
  /** How far it has hashed. */
  position: number
  private link: string
  private open: Hash | undefined

  /** @param byte - a multiple of {@link BLOCK_BYTES}, where `link` was current */
  constructor(byte = 0, link = '') {
    this.position = byte
    this.link = link
  }

  /** The link of all whole blocks so far, hex; empty before the first. */
  get chain(): string {
    return this.link
  }

  /** Goes on to byte `end`, with `bytes` that begin at byte `start`; what was hashed before is skipped. */
  advance(bytes: Buffer, start: number, end: number): void {
    while (this.position < end) {
      const upTo = Math.min(end, blockStart(this.position) + BLOCK_BYTES)
      this.open ??= this.begin()
      this.open.update(bytes.subarray(this.position - start, upTo - start))
      this.position = upTo
      if (upTo % BLOCK_BYTES === 0) this.close()
    }
  }

  /** Of all content, hex. */
  finish(): string {
    if (this.open !== undefined) this.close()
    return this.link
  }

  private begin(): Hash {
    return createHash('sha256').update(this.link, 'hex')
  }

  private close(): void {
    this.link = this.open?.digest('hex') ?? this.link
    this.open = undefined
  }
}

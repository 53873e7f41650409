import type { Failure } from '@millrace/core'
import type { Failures } from '../framing/failures.js'
import type { ObjectOffset } from '../object-offset.js'
import { cutChunks } from './chunks.js'
import { GzipDamage } from './gunzip.js'
import { unpackGzip } from './unpack-gzip.js'

type Open = (fromByte: number) => AsyncIterable<Uint8Array>

const GZIP_MAGIC = [0x1f, 0x8b] as const

/** The unpacked content of one object, and how its end came about. @internal */
export class Unpacked {
  packing: ObjectOffset['packing'] = 'none'
  /** Set once the content is over, if it was cut off. */
  cut: Failure | undefined
  /** Packed bytes that were read, counted from the object's start. */
  consumedBytes = 0
  /** Byte offset of the next chunk in the unpacked content. */
  position = 0
  private readonly openAt: Open
  private readonly failures: Failures

  constructor(open: Open, failures: Failures) {
    this.openAt = open
    this.failures = failures
  }

  /** From the start: the first bytes tell how it is packed. */
  async *fromStart(): AsyncGenerator<Buffer, void> {
    const packed = this.counted(0)
    try {
      yield* this.unpack(packed)
    } finally {
      await packed.return()
    }
  }

  /** From byte `position` of plain content. */
  fromByte(position: number): AsyncGenerator<Buffer, void> {
    this.position = position
    return this.plain(this.counted(position))
  }

  private async *unpack(packed: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
    const head = await firstBytes(packed, GZIP_MAGIC.length)
    const all = startWith(head, packed)
    if (head[0] !== GZIP_MAGIC[0] || (head.length > 1 && head[1] !== GZIP_MAGIC[1])) return yield* this.plain(all)
    this.packing = 'gzip'
    yield* this.gzip(all)
  }

  private async *plain(packed: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
    for await (const bytes of packed) {
      this.position += bytes.length
      yield bytes
    }
  }

  private async *gzip(packed: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
    try {
      for await (const bytes of unpackGzip(() => this.counted(0), packed)) {
        this.position += bytes.length
        yield bytes
      }
    } catch (error) {
      if (!(error instanceof GzipDamage)) throw error
      this.cut = error.truncated ? this.failures.truncatedGzip(this.position)
        : this.failures.corruptGzip(this.position, error.message)
    }
  }

  private async *counted(fromByte: number): AsyncGenerator<Buffer, void> {
    let consumed = fromByte
    for await (const bytes of cutChunks(this.openAt(fromByte))) {
      consumed += bytes.length
      this.consumedBytes = Math.max(this.consumedBytes, consumed)
      yield bytes
    }
  }
}

/** The first chunks joined, until they hold `count` bytes or all. */
const firstBytes = async (chunks: AsyncGenerator<Buffer, void>, count: number): Promise<Buffer> => {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < count) {
    const next = await chunks.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return head
}

async function* startWith(head: Buffer, rest: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  if (head.length > 0) yield head
  yield* rest
}

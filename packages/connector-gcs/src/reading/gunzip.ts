import { createGunzip, type Gunzip } from 'node:zlib'

/** What can be wrong with gzip data. @internal */
export class GzipDamage extends Error {
  readonly truncated: boolean
  constructor(truncated: boolean, why: string) {
    super(why)
    this.truncated = truncated
  }
}

const OUTPUT_BYTES = 64 * 1024
const isGzipError = (code: string | undefined): boolean =>
  code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR' || code === 'Z_NEED_DICT'

/**
 * zlib's stream, fed piece by piece: a piece is given in only after all output of the one before was taken, so memory stays
 * flat however far it unpacks, and an error costs the output of one piece at most.
 * @internal
 */
export class Inflater {
  private readonly stream: Gunzip = createGunzip({ chunkSize: OUTPUT_BYTES })
  private error: (Error & { code?: string }) | undefined
  private ended = false
  private fedBytes = 0
  private wake: () => void = () => {}

  constructor() {
    const stream = this.stream
    stream.on('readable', () => this.wake())
    stream.on('end', () => {
      this.ended = true
      this.wake()
    })
    stream.on('error', (error) => {
      this.error ??= error
      this.wake()
    })
  }

  /** Bytes fed that were not looked at: the data ended before them, or where they begin there is a zero. */
  get leftBytes(): number {
    return this.fedBytes - this.stream.bytesWritten
  }

  /** The output of `piece`. @throws GzipDamage */
  async *feed(piece: Uint8Array): AsyncGenerator<Buffer, void> {
    let taken = false
    this.fedBytes += piece.length
    this.stream.write(piece, (error) => {
      taken = true
      if (error) this.error ??= error
      this.wake()
    })
    yield* this.output(() => taken)
  }

  /** There are no more pieces. @throws GzipDamage */
  async *finish(): AsyncGenerator<Buffer, void> {
    if (this.ended || this.leftBytes > 0) return
    this.stream.end()
    yield* this.output(() => false)
  }

  close(): void {
    this.stream.destroy()
  }

  private async *output(isDone: () => boolean): AsyncGenerator<Buffer, void> {
    for (;;) {
      // A stream without object mode or encoding gives Buffers.
      const out = this.stream.read() as Buffer | null
      if (out !== null) {
        yield out
        continue
      }
      if (this.error !== undefined) throw this.damage(this.error)
      if (this.ended || isDone()) return
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  private damage(error: Error & { code?: string }): Error {
    return isGzipError(error.code) ? new GzipDamage(error.code === 'Z_BUF_ERROR', error.message) : error
  }
}

import { cutChunks } from './chunks.js'
import { GzipDamage, Inflater } from './gunzip.js'

/** Packed bytes per piece: what is read byte by byte where data is corrupt. */
const PIECE_BYTES = 64 * 1024

/**
 * Unpacks gzip of one or more members. All that can be unpacked before a damage is given, to the byte: zlib drops the output
 * of the piece in which it finds one, so the data is unpacked again from the start, and that piece byte by byte.
 * @param reopen - the packed bytes from the start
 * @param packed - the same, begun already
 * @throws GzipDamage after the last good byte
 * @internal
 */
export async function* unpackGzip(
  reopen: () => AsyncIterable<Uint8Array>, packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void> {
  const progress = { fedBytes: 0, givenBytes: 0 }
  try {
    yield* inflate(packed, progress, Infinity)
  } catch (error) {
    if (!(error instanceof GzipDamage) || error.truncated) throw error
    yield* again(reopen(), progress.fedBytes, progress.givenBytes)
  }
}

interface Progress {
  /** Of the pieces before the present one. */
  fedBytes: number
  givenBytes: number
}

async function* inflate(
  packed: AsyncIterable<Uint8Array>, progress: Progress, singlyFrom: number,
): AsyncGenerator<Buffer, void> {
  const inflater = new Inflater()
  try {
    for await (const chunk of cutChunks(packed, PIECE_BYTES)) {
      for (const piece of split(chunk, singlyFrom - progress.fedBytes)) {
        if (inflater.leftBytes > 0) refuseGarbage(piece)
        else {
          for await (const out of inflater.feed(piece)) {
            progress.givenBytes += out.length
            yield out
          }
          refuseGarbage(piece.subarray(piece.length - inflater.leftBytes))
        }
        progress.fedBytes += piece.length
      }
    }
    yield* inflater.finish()
  } finally {
    inflater.close()
  }
}

async function* again(
  packed: AsyncIterable<Uint8Array>, singlyFrom: number, givenBytes: number,
): AsyncGenerator<Buffer, void> {
  let skip = givenBytes
  for await (const out of inflate(packed, { fedBytes: 0, givenBytes: 0 }, singlyFrom)) {
    if (out.length > skip) yield out.subarray(skip)
    skip = Math.max(0, skip - out.length)
  }
}

/** The chunk whole up to index `singlyFrom`, behind it byte by byte. */
function* split(chunk: Buffer, singlyFrom: number): Generator<Buffer, void> {
  const whole = Math.max(0, Math.min(chunk.length, singlyFrom))
  if (whole > 0) yield chunk.subarray(0, whole)
  for (let i = whole; i < chunk.length; i++) yield chunk.subarray(i, i + 1)
}

/** Zeros after the last member are padding, as everywhere; anything else is not. */
const refuseGarbage = (left: Buffer): void => {
  if (left.some((byte) => byte !== 0)) throw new GzipDamage(false, 'something else follows after its end')
}

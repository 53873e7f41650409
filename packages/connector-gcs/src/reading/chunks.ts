/**
 * Longer chunks are cut. Small ones are worked on, and garbage, before a young collection has seen them twice: beyond that,
 * tens of megabytes of read bytes wait for a full one.
 */
const MAX_CHUNK_BYTES = 64 * 1024

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The same bytes as Buffers of 1 byte to 64 KiB. @internal */
export async function* cutChunks(
  chunks: AsyncIterable<Uint8Array>, maxBytes = MAX_CHUNK_BYTES,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    const bytes = asBuffer(chunk)
    for (let at = 0; at < bytes.length; at += maxBytes) yield bytes.subarray(at, at + maxBytes)
  }
}

/** Asks for the next item before it gives the present one: reading and unpacking go on while this one is worked on. @internal */
export async function* readAhead<A>(items: AsyncGenerator<A, void>): AsyncGenerator<A, void> {
  let next = items.next()
  try {
    for (;;) {
      const item = await next
      if (item.done === true) return
      next = items.next()
      // It is awaited above, but maybe only after it was rejected, or never.
      next.catch(() => {})
      yield item.value
    }
  } finally {
    await items.return()
  }
}

import type { ObjectInfo, ObjectStore } from '@millrace/connector-gcs'

/** How packed bytes are cut: the same length for all, or one after the other, over and over. */
export type Cuts = number | readonly number[]

const lengthOf = (cuts: Cuts, index: number): number =>
  typeof cuts === 'number' ? cuts : Math.max(1, cuts[index % cuts.length] ?? 1)

/** The bytes from `from` on in chunks, each a copy, as a store hands them over. */
export async function* chunked(bytes: Buffer, cuts: Cuts, from = 0): AsyncGenerator<Buffer, void> {
  for (let at = from, index = 0; at < bytes.length; index++) {
    const length = lengthOf(cuts, index)
    yield Buffer.from(bytes.subarray(at, at + length))
    at += length
  }
}

/** One object in memory. */
export const memoryStore = (bytes: Buffer, cuts: Cuts = Infinity, name = 'x.json'): ObjectStore => {
  const object: ObjectInfo = { name, sizeBytes: bytes.length }
  return {
    list: async () => [object],
    open: (_object, fromByte) => chunked(bytes, cuts, fromByte),
    verify: async () => {},
  }
}

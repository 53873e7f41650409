// Objects that exist only while they are read, behind the seam that folders and buckets are read through.

/** @typedef {{ readonly sizeBytes: number, readonly jsonBytes?: number, readonly make: () => Buffer }} Segment */

/**
 * @typedef {object} GeneratedObject
 * @property {string} name
 * @property {number} sizeBytes
 * @property {() => Iterable<Segment>} segments each made when its turn comes, fresh: it is handed over
 */

/** Odd, so that records lie across the ends of chunks as they do in real files. */
const chunkBytes = 200_003

/**
 * @param {readonly GeneratedObject[]} objects
 * @param {(jsonBytes: number) => void} onRead told of every segment that is begun; packed ones count as what they unpack to
 */
export const generatedStore = (objects, onRead = () => {}) => {
  const byName = new Map(objects.map((object) => [object.name, object]))
  return {
    list: async () => objects.map(({ name, sizeBytes }) => ({ name, sizeBytes, fingerprint: sizeBytes })),
    open: ({ name }, fromByte) => chunksOf(byName.get(name).segments(), fromByte, onRead),
    verify: async () => {},
  }
}

async function* chunksOf(segments, fromByte, onRead) {
  let start = 0
  for (const { sizeBytes, jsonBytes = sizeBytes, make } of segments) {
    const skip = Math.max(0, fromByte - start)
    start += sizeBytes
    if (skip >= sizeBytes) continue
    onRead(jsonBytes)
    const bytes = make()
    for (let at = skip; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
}

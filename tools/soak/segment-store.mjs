// Objects that exist only while they are read: each is a row of segments, made when their turn comes.

/**
 * @typedef {object} Segment
 * @property {number} sizeBytes
 * @property {() => Buffer} make fresh each time: it is handed over
 * @property {number} [unpackedBytes] of JSON in it; default `sizeBytes`
 */
/** @typedef {{ name: string, segments: readonly Segment[] }} GeneratedObject */

const sum = (segments) => segments.reduce((total, { sizeBytes }) => total + sizeBytes, 0)

/**
 * The seam that folders and buckets are read through, over generated objects. Chunks are cut off the segments' ends at an odd
 * place, so that records lie across them as in real files.
 * @param {readonly GeneratedObject[]} objects
 * @param {(unpackedBytes: number) => void} onRead told of every chunk as it is handed over
 */
export const segmentStore = (objects, onRead = () => {}) => {
  const byName = new Map(objects.map((object) => [object.name, object]))
  return {
    list: async () => objects.map(({ name, segments }) => ({ name, sizeBytes: sum(segments), fingerprint: sum(segments) })),
    open: (object, fromByte) => read(byName.get(object.name).segments, fromByte, onRead),
    verify: async () => {},
  }
}

async function* read(segments, fromByte, onRead) {
  let start = 0
  for (const segment of segments) {
    const skip = Math.max(0, fromByte - start)
    start += segment.sizeBytes
    if (skip >= segment.sizeBytes) continue
    onRead(segment.unpackedBytes ?? segment.sizeBytes)
    yield* pieces(segment.make().subarray(skip))
  }
}

const cutBytes = 200_003

function* pieces(bytes) {
  if (bytes.length > cutBytes) yield bytes.subarray(0, cutBytes)
  yield bytes.length > cutBytes ? bytes.subarray(cutBytes) : bytes
}

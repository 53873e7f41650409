// Single inputs that nothing may hold as a whole.
import { gzipSync } from 'node:zlib'
import { trade } from './block.mjs'

const MIB = 1024 * 1024

/** A line of `bytes`, between two trades. */
export const oneLine = (bytes) => {
  const count = Math.round(bytes / MIB)
  const text = (content) => ({ sizeBytes: content.length, make: () => Buffer.from(content) })
  function* segments() {
    yield text(`${trade(1)}\n{"s":"`)
    for (let i = 0; i < count; i++) yield { sizeBytes: MIB, make: () => Buffer.alloc(MIB, 0x41) }
    yield text(`"}\n${trade(2)}\n`)
  }
  const sizeBytes = [...segments()].reduce((sum, segment) => sum + segment.sizeBytes, 0)
  return { objects: [{ name: 'generated/line.ndjson', sizeBytes, segments }], good: 2, bad: 1, bars: 2 }
}

/** Gzip that unpacks to a thousand times its size: zeros behind one trade, and blanks behind another. */
export const gzipBomb = (bytes) => {
  const half = Math.round(bytes / 2 / (16 * MIB))
  const bomb = (name, fill) => {
    const head = gzipSync(`${trade(1)}\n`)
    const packed = gzipSync(Buffer.alloc(16 * MIB, fill))
    function* segments() {
      yield { sizeBytes: head.length, jsonBytes: 0, make: () => Buffer.from(head) }
      for (let i = 0; i < half; i++) yield { sizeBytes: packed.length, jsonBytes: 16 * MIB, make: () => Buffer.from(packed) }
    }
    return { name, sizeBytes: head.length + half * packed.length, segments }
  }
  return { objects: [bomb('generated/letters.ndjson.gz', 0x41), bomb('generated/blanks.ndjson.gz', 0x20)], good: 2, bad: 1, bars: 1 }
}

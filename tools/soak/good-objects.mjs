// Nothing but trades: as lines, as arrays and gzipped, every object over the whole session.
import { gzipSync } from 'node:zlib'
import { createBlock, secondOf, stampBlock, stretchOf, symbols, trade } from './block.mjs'

const MIB = 1024 * 1024
const blockBytes = 64 * 1024
const windowSeconds = 5

const tradesOf = (bytes) => {
  const records = []
  for (let index = 0, length = 0; length < bytes; index++) {
    const text = trade(index)
    records.push({ text })
    length += text.length + 1
  }
  return records
}

const block = createBlock(tradesOf(blockBytes), '\n')
const arrayBlock = createBlock(tradesOf(blockBytes), ',')

function* lines(count, salt) {
  for (let i = 0; i < count; i++) yield { sizeBytes: block.bytes.length, make: () => stampBlock(block, stretchOf(i, count), salt) }
}

const brackets = (bytes, first, last) => {
  if (last) bytes[bytes.length - 1] = 0x5d
  return first ? Buffer.concat([Buffer.from('['), bytes]) : bytes
}

function* array(count, salt) {
  for (let i = 0; i < count; i++) {
    const sizeBytes = arrayBlock.bytes.length + (i === 0 ? 1 : 0)
    yield { sizeBytes, make: () => brackets(stampBlock(arrayBlock, stretchOf(i, count), salt), i === 0, i === count - 1) }
  }
}

/** One gzip file may consist of several: packed once, they are repeated. */
const packedBlocks = (count) =>
  Array.from({ length: count }, (_, i) => gzipSync(stampBlock(block, stretchOf(i, count), 0), { level: 1 }))

const distinct = 16
let packed

function* gzipped(count, salt) {
  packed ??= packedBlocks(distinct)
  const own = gzipSync(stampBlock(block, stretchOf(0, distinct), salt), { level: 1 })
  for (let i = 0; i < count; i++) {
    const bytes = i === 0 ? own : packed[i % distinct]
    yield { sizeBytes: bytes.length, jsonBytes: block.bytes.length, make: () => Buffer.from(bytes) }
  }
}

const total = (segments) => segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

const kinds = [
  { suffix: 'ndjson', make: lines },
  { suffix: 'json', make: array },
  { suffix: 'ndjson', make: lines },
  { suffix: 'json', make: array },
  { suffix: 'ndjson.gz', make: gzipped },
]

/** Symbols × windows that lines of `count` blocks touch. */
const cellsOf = (count) => {
  const seen = new Set()
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < block.good; k++) {
      const window = Math.floor(secondOf(block, k, stretchOf(i, count)) / windowSeconds)
      seen.add(window * symbols.length + (k % symbols.length))
    }
  }
  return seen.size
}

/**
 * About `bytes` of JSON as objects of 64 MiB, in which each of the 100,000 windows gets some trades of each object.
 * @returns {{ objects: readonly import('./generated-store.mjs').GeneratedObject[], good: number, bad: number, bars: number }}
 */
export const goodObjects = (bytes) => {
  const blocks = (64 * MIB) / blockBytes
  const count = Math.max(1, Math.round(bytes / (64 * MIB)))
  const objects = Array.from({ length: count }, (_, salt) => {
    const { suffix, make } = kinds[salt % kinds.length]
    const segments = () => make(blocks, salt)
    return { name: `generated/${String(salt).padStart(4, '0')}.${suffix}`, sizeBytes: total([...segments()]), segments }
  })
  return { objects, good: count * blocks * block.good, bad: 0, bars: cellsOf(blocks) }
}

/** One array of about `bytes`. */
export const oneArray = (bytes) => {
  const blocks = Math.max(1, Math.round(bytes / blockBytes))
  const segments = () => array(blocks, 1)
  const objects = [{ name: 'generated/array.json', sizeBytes: blocks * arrayBlock.bytes.length + 1, segments }]
  return { objects, good: blocks * arrayBlock.good, bad: 0, bars: cellsOf(blocks) }
}

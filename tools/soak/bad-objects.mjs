// Bad input of every kind, with good neighbours: every bad record is one dead letter.
import { gzipSync } from 'node:zlib'
import { BAD_TRADES } from '../../examples/stocks/dist/generate/bad-trades.js'
import { createBlock, stampBlock, stretchOf, symbols, trade } from './block.mjs'

const MIB = 1024 * 1024
const blockBytes = 256 * 1024
const nesting = 10_000
/** In a hundred records, so many are good. */
const goodPercent = 20

const nested = '['.repeat(nesting) + ']'.repeat(nesting)
/** Bad trades around here: what is in them matters, not when. */
const someMillis = 1_700_000_000_000

/**
 * A field that nobody asked for, up to 6 KB: 10 GB of nothing but bare bad trades would be 120 million dead letters, an hour's
 * work and 35 GB of DuckDB.
 */
const notes = Array.from({ length: 16 }, (_, index) => 'the quick brown fox jumps over the lazy dog '.repeat(index ** 2 % 140))

/** Harmless to what is around them, in lines and in arrays. */
const badTrade = (index) => {
  const text = BAD_TRADES[index % BAD_TRADES.length].text(symbols[index % symbols.length], someMillis + index)
  return text.startsWith('{"') && text !== '{}' ? `{"note":"${notes[index % notes.length]}",${text.slice(1)}` : text
}

/** What tears the text of an array apart, and in lines only itself. */
const tornLines = ['{"c":["1"],"p":22', '{"p":10.5,"s":"AAP', '['.repeat(nesting), '\x89PNG\x1a\x93\xfe\xff\x01\x02"{[,', ']', '{"p":1}}']

const mixture = (bytes, torn) => {
  const records = [{ text: nested, bad: 1 }, ...torn.map((text) => ({ text, bad: 1 }))]
  let length = records.reduce((sum, { text }) => sum + text.length, 0)
  for (let index = 0; length < bytes; index++) {
    const record = index % 100 < goodPercent ? { text: trade(index) } : { text: badTrade(index), bad: 1 }
    records.push(record)
    length += record.text.length + 1
  }
  return records
}

const lineBlock = createBlock(mixture(blockBytes, tornLines), '\n')
const arrayBlock = createBlock(mixture(blockBytes, []), ',')

const segmentOf = (block, stretch, salt) => ({ sizeBytes: block.bytes.length, good: block.good, bad: block.bad, make: () => stampBlock(block, stretch, salt) })
const textOf = (text, bad = 0) => ({ sizeBytes: text.length, bad, make: () => Buffer.from(text, 'latin1') })
const packedOf = (bytes, unpacked) => ({ ...unpacked, sizeBytes: bytes.length, jsonBytes: unpacked.sizeBytes, make: () => Buffer.from(bytes) })

function* blocks(block, salt) {
  const count = (32 * MIB) / blockBytes
  for (let i = 0; i < count; i++) yield segmentOf(block, stretchOf(i, count), salt)
}

function* lines(salt) {
  yield* blocks(lineBlock, salt)
}

/** Every array ends in its own wrong way. */
const wrongEnds = [textOf('', 1), textOf('{"p":10.5,"s":"AAP', 1), textOf('null] and that is all', 2), textOf('null,]', 2)]

function* array(salt) {
  yield textOf('[')
  yield* blocks(arrayBlock, salt)
  yield wrongEnds[salt % wrongEnds.length]
}

/** Its last part is cut off in its first bytes. */
function* cutGzip(salt) {
  for (const segment of [...blocks(lineBlock, salt)].slice(0, 8)) yield packedOf(gzipSync(segment.make(), { level: 1 }), segment)
  yield { ...textOf('', 1), sizeBytes: 15, jsonBytes: 0, make: () => gzipSync(lineBlock.bytes).subarray(0, 15) }
}

/** A line beyond the default `maxRecordBytes` of 16 MiB, among others. */
function* withGiant(salt) {
  yield* blocks(lineBlock, salt)
  yield textOf('{"s":"', 1)
  for (let i = 0; i < 20; i++) yield { sizeBytes: MIB, make: () => Buffer.alloc(MIB, 0x41) }
  yield textOf('"}\n')
}

/** What its second element opens is never closed: all the rest is one dead letter. */
function* neverClosed(salt) {
  yield textOf('[null,{"a":[', 2)
  for (const segment of blocks(arrayBlock, salt)) yield { ...segment, good: 0, bad: 0 }
}

function* binary(salt) {
  for (let i = 0; i < 8; i++) yield { sizeBytes: MIB, bad: i === 0 ? 1 : 0, make: () => Buffer.alloc(MIB, `\x89PNG\0${salt} ${i}`, 'latin1') }
}

const kinds = [
  ['ndjson', lines], ['json', array], ['jsonl', withGiant], ['json', array], ['ndjson.gz', cutGzip], ['json', neverClosed],
  ['ndjson', lines], ['json', array], ['ndjson', binary], ['json', array],
]

const add = (sums, { sizeBytes, jsonBytes = sizeBytes, good = 0, bad = 0 }) =>
  ({ sizeBytes: sums.sizeBytes + sizeBytes, jsonBytes: sums.jsonBytes + jsonBytes, good: sums.good + good, bad: sums.bad + bad })

const none = { sizeBytes: 0, jsonBytes: 0, good: 0, bad: 0 }

const objectOf = (salt) => {
  const [suffix, make] = kinds[salt % kinds.length]
  const segments = () => make(salt)
  const sums = [...segments()].reduce(add, none)
  return { ...sums, name: `generated/${String(salt).padStart(4, '0')}.${suffix}`, segments }
}

/** About `bytes` of bad input. */
export const badObjects = (bytes) => {
  const objects = []
  for (let salt = 0, all = 0; all < bytes; salt++) {
    const object = objectOf(salt)
    objects.push(object)
    all += object.jsonBytes
  }
  const { good, bad } = objects.reduce(add, none)
  return { objects, good, bad }
}

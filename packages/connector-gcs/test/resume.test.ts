import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { objects } from '@millrace/connector-gcs'
import { type Cuts, memoryStore } from './memory-store.js'
import { type ReadOptions, linesOf, readBatches, throughCheckpoint } from './reading.js'
import { arrayText, flawedText, linesText } from './texts.js'

const test = suite('resuming')

const RUNS = 300

/** Resumes behind each batch, `step` apart, and expects the rest. */
const resumesEverywhere = async (bytes: Buffer, options: ReadOptions, cuts: Cuts, step = 1): Promise<number> => {
  const { name = 'x.json', format = 'auto', maxRecordBytes = 1000 } = options
  const open = () => objects(memoryStore(bytes, cuts, name), { format, maxRecordBytes })
  const batches = await readBatches(open(), name)
  for (let i = 0; i < batches.length; i += step) {
    const offset = batches[i]?.offset
    if (offset === undefined) throw new Error('a batch without an offset')
    const rest = await readBatches(open(), name, throughCheckpoint(offset))
    assert.equal(linesOf(rest), linesOf(batches.slice(i + 1)), `after batch ${i} of ${batches.length}, ${JSON.stringify(offset)}`)
    if (i + 1 < batches.length) {
      assert.is(rest.at(-1)?.contentDigest, batches.at(-1)?.contentDigest, 'the digest')
      assert.equal(rest.at(-1)?.offset, batches.at(-1)?.offset)
      assert.is(rest.at(-1)?.consumedBytes, bytes.length, 'all was consumed')
    }
  }
  return batches.length
}

const anyText = fc.oneof(flawedText, fc.oneof(arrayText, linesText).map(({ text }) => text))
const formats = fc.constantFrom<ReadOptions>({}, { name: 'x.ndjson' }, { format: 'array' }, { maxRecordBytes: 6 })
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })

test('a read that is resumed behind any batch gives exactly the rest', async () => {
  let batches = 0
  await fc.assert(fc.asyncProperty(anyText, formats, sizes, async (text, options, cuts) => {
    batches += await resumesEverywhere(Buffer.from(text), options, cuts)
  }), { numRuns: RUNS })
  assert.ok(batches > RUNS, `${batches} batches are too few to show anything`)
})

test('and so does one of gzip, whole or cut off', async () => {
  await fc.assert(fc.asyncProperty(anyText, formats, fc.nat(), async (text, options, cut) => {
    const packed = gzipSync(Buffer.from(text))
    await resumesEverywhere(cut % 3 === 0 ? packed.subarray(0, cut % packed.length) : packed, options, 3)
  }), { numRuns: RUNS / 3 })
})

/** Several blocks of the digest, many batches. */
const long = (separator: string): string =>
  Array.from({ length: 50_000 }, (_, i) => `{"i":${i},"pad":"${'x'.repeat(i % 53)}"}`).join(separator)

test('over several blocks of the digest, in lines, arrays and gzip', async () => {
  const lines = Buffer.from(long('\n'))
  const array = Buffer.from(`[${long(',\n')}]`)
  assert.ok(lines.length > 2_200_000)
  assert.ok(await resumesEverywhere(lines, { name: 'x.ndjson' }, 262_144, 9) > 25)
  assert.ok(await resumesEverywhere(array, {}, 300_001, 9) > 25)
  assert.ok(await resumesEverywhere(gzipSync(array), {}, 100_000, 12) > 25)
})

test('a resumed read of plain text opens at the last whole MiB', async () => {
  const bytes = Buffer.from(long('\n'))
  const opened: number[] = []
  const store = memoryStore(bytes, 262_144, 'x.ndjson')
  const source = objects({ ...store, open: (object, from, signal) => {
    opened.push(from)
    return store.open(object, from, signal)
  } })
  const offset = (await readBatches(source, 'x.ndjson')).find((batch) => batch.offset.byte > 2_150_000)?.offset
  await readBatches(source, 'x.ndjson', offset)
  assert.equal(opened, [0, 2 * 1024 * 1024])
})

test('the digest is of the content, not of the name, the packing or the cuts', async () => {
  const text = `[${long(',')}]`
  const digest = async (bytes: Buffer, cuts: Cuts, name: string): Promise<string | undefined> =>
    (await readBatches(objects(memoryStore(bytes, cuts, name)), name)).at(-1)?.contentDigest
  const plain = await digest(Buffer.from(text), 262_144, 'a.json')
  assert.match(String(plain), /^[0-9a-f]{64}$/)
  assert.is(await digest(gzipSync(text), 65_536, 'b.json'), plain)
  assert.is.not(await digest(Buffer.from(`${text.slice(0, -2)} ]`), 262_144, 'c.json'), plain)
  assert.is(await digest(Buffer.from('[]'), 1, 'd.json'), undefined)
})

test('after the last batch there is nothing, and nothing is opened', async () => {
  const store = memoryStore(Buffer.from('[1,2]'))
  const last = (await readBatches(objects(store), 'x.json')).at(-1)
  const closed = objects({ ...store, open: () => { throw new Error('opened') } })
  assert.equal(await readBatches(closed, 'x.json', last?.offset), [])
})

test.run()

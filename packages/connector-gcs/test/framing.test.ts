import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ReadOptions, linesOf, readText } from './reading.js'
import { arrayText, flawedText, linesText, neighboursText } from './texts.js'

const test = suite('framing')

const RUNS = 400
const utf8 = (text: string): Buffer => Buffer.from(text)

const texts = async (text: string, options: ReadOptions): Promise<readonly (readonly string[])[]> =>
  linesOf(await readText(utf8(text), options)).map(([, value, ...failure]) => [Buffer.from(value, 'latin1').toString(), ...failure.map(String)])

test('the elements of a valid array are what was put into it', async () => {
  await fc.assert(fc.asyncProperty(arrayText, async ({ text, values }) => {
    assert.equal(await texts(text, {}), values.map((value) => [value]))
  }), { numRuns: RUNS })
})

test('the lines of a valid file are what was put into it', async () => {
  await fc.assert(fc.asyncProperty(linesText, async ({ text, values }) => {
    assert.equal(await texts(text, { name: 'x.jsonl' }), values.map((value) => [value]))
  }), { numRuns: RUNS })
})

test('lines in a .json file are found out, unless the first one is an array', async () => {
  await fc.assert(fc.asyncProperty(linesText, async ({ text, values }) => {
    fc.pre(values[0]?.startsWith('[') !== true)
    assert.equal(await texts(text, {}), values.map((value) => [value]))
  }), { numRuns: RUNS })
})

test('one document of many lines is one record', async () => {
  await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.constantFrom(1, '\t'), async (object, indent) => {
    const text = JSON.stringify(object, null, indent)
    assert.equal(await texts(`${text}\n`, {}), [[text]])
  }), { numRuns: RUNS })
})

const formats = fc.constantFrom<ReadOptions>({}, { name: 'x.ndjson' }, { format: 'array' }, { format: 'document' })

test('where chunks are cut changes nothing', async () => {
  const cuts = fc.oneof(fc.constant(1), fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }))
  await fc.assert(fc.asyncProperty(flawedText, formats, cuts, fc.constantFrom(5, 1000), async (text, format, sizes, maxRecordBytes) => {
    const options = { ...format, maxRecordBytes }
    const whole = await readText(utf8(text), options)
    const cut = await readText(utf8(text), { ...options, cuts: sizes })
    assert.equal(linesOf(cut), linesOf(whole))
    assert.is(cut.at(-1)?.contentDigest, whole.at(-1)?.contentDigest)
  }), { numRuns: 4 * RUNS })
})

test('nothing is lost: what is between the records is blanks, commas and the brackets of the array', async () => {
  await fc.assert(fc.asyncProperty(flawedText, formats, async (text, format) => {
    const left = [...utf8(text).toString('latin1').replace(/^\xef\xbb\xbf/, '   ')]
    for (const [position, value] of linesOf(await readText(utf8(text), format))) {
      for (let i = 0; i < value.length; i++) {
        assert.ok(left[position + i] === value[i] || position + i < 3, `${JSON.stringify(value)} is not at ${position}`)
        left[position + i] = ' '
      }
    }
    assert.match(left.join(''), /^[ \t\r\n]*\[?[ \t\r\n,]*\]?[ \t\r\n]*$/)
  }), { numRuns: 2 * RUNS })
})

test('positions ascend strictly', async () => {
  await fc.assert(fc.asyncProperty(flawedText, formats, async (text, format) => {
    const positions = linesOf(await readText(utf8(text), format)).map(([position]) => position)
    for (let i = 1; i < positions.length; i++) assert.ok(Number(positions[i]) > Number(positions[i - 1]), positions.join())
  }), { numRuns: RUNS })
})

const OPEN = 0x7b

test('what is marked as joinable is one flat object, a comma or a blank, more blanks, and the next object', async () => {
  let joinable = 0
  await fc.assert(fc.asyncProperty(fc.oneof(flawedText, neighboursText), formats, async (text, format) => {
    for (const { records } of await readText(utf8(text), format)) {
      if (!('_tag' in records)) throw new Error('packed records were expected')
      const { buffer, starts, ends, count } = records
      records.joinable?.forEach((flag, i) => {
        if (flag === 0) return
        joinable++
        const start = starts[i] ?? 0
        const end = ends[i] ?? 0
        assert.ok(i + 1 < count, 'there is no next record')
        assert.match(buffer.subarray(start, end).toString('latin1'), /^\{[^{}]*\}$/)
        assert.match(buffer.subarray(end, (starts[i + 1] ?? 0) + 1).toString('latin1'), /^[,\s]\s*\{$/)
        assert.not(records.failures?.has(i) || records.failures?.has(i + 1))
      })
    }
  }), { numRuns: 2 * RUNS })
  assert.ok(joinable > 100, `only ${joinable} were joinable: the test saw too little`)
})

const neighbours = [
  ['{"a":1}\n{"a":2}\n{"a":3}\n', 'x.ndjson'],
  ['{"a":1}\r\n{"a":2} \n\n{"a":3}\r\n', 'x.ndjson'],
  ['[{"a":1},{"a":[2]},{"a":3}]', 'x.json'],
  ['[{"a":1},\n  {"a":[2]},\r\n\t{"a":3}\n]', 'x.json'],
] as const

test('flat neighbours are joinable, in lines and in arrays, whatever blanks are between them', async () => {
  for (const [text, name] of neighbours) {
    const [batch] = await readText(text, { name })
    assert.ok(batch && '_tag' in batch.records)
    assert.equal([...(batch.records.joinable ?? [])], [1, 1, 0], name)
    assert.is(batch.records.buffer[batch.records.starts[0] ?? -1], OPEN)
  }
})

test('an array element with a blank before its comma is not joinable', async () => {
  const [batch] = await readText('[{"a":1} ,{"a":2},{"a":3}]', { name: 'x.json' })
  assert.ok(batch && '_tag' in batch.records)
  assert.equal([...(batch.records.joinable ?? [])], [0, 1, 0])
})

test('batches hold some thousand records at most', async () => {
  const batches = await readText('{}\n'.repeat(5000), { name: 'x.ndjson' })
  assert.equal(batches.map(({ records }) => '_tag' in records ? records.count : -1), [2048, 2048, 904])
})

test.run()

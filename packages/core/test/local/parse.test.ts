import fc from 'fast-check'
import { parseJson, runLocal, type DeadLetter, type PackedRecords } from '@millrace/core'
import { memoryBatch, packRecords } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, pipeline, single, sourceOf, table, values } from './support.js'

const test = suite('parse')

type Line = string | Uint8Array

interface Parsed {
  readonly values: readonly unknown[]
  readonly letters: readonly DeadLetter[]
}

/** What becomes of lines that a source marks as joinable wherever the rule of `PackedRecords` allows it. */
const parse = async (lines: readonly Line[], change: (packed: PackedRecords) => PackedRecords = (packed) => packed): Promise<Parsed> => {
  // Noted on the way: no table takes everything that JSON can say.
  const seen: unknown[] = []
  const letters = letterBox()
  const source = sourceOf<Uint8Array>([memoryBatch(change(packRecords(lines, { joinable: true })))])
  const built = pipeline(letters, (p) => p.read('in', source).apply(parseJson).map('note', (value) => seen.push(value)).eventTime('time', () => 0, { boundMillis: 0 }).write('out', table()))
  const { total } = await runLocal(built, null).done
  assert.equal([total.read, total.unaccounted], [lines.length, 0])
  return { values: seen, letters: values(letters) }
}

const alone = (line: Line): { readonly ok: boolean; readonly value?: unknown } => {
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(typeof line === 'string' ? Buffer.from(line) : line)) }
  } catch {
    return { ok: false }
  }
}

/** Joint or alone must make no difference. */
const checkAgainstAlone = async (lines: readonly Line[]): Promise<void> => {
  const { values: got, letters } = await parse(lines)
  const expected = lines.map(alone)
  assert.equal(got, expected.flatMap(({ ok, value }) => (ok ? [value] : [])))
  const bad = lines.filter((_, index) => expected[index]?.ok === false)
  const payloads = letters.map(({ payload_text, payload_base64 }) => (payload_text === null ? Buffer.from(payload_base64 ?? '', 'base64') : Buffer.from(payload_text)))
  assert.equal(payloads.map(String), bad.map((line) => String(Buffer.from(line as string)))) // as: Buffer.from takes either
}

test('neighbours are parsed as each alone would be', async () => {
  await checkAgainstAlone(Array.from({ length: 1_000 }, (_, index) => `{"n":${index},"s":"😀 \\" , {}"}`.replace('{}', '')))
})

test('a bad one among them is a dead letter, its neighbours are not', async () => {
  await checkAgainstAlone(['{"a":1}', '{"a":2,}', '{"a":3}', '{"a"}', '{"a":5}'])
})

test('lines that swallow their neighbours together are still cut where the source cut them', async () => {
  await checkAgainstAlone(['{"a":"}', '{","b":1}'])
  await checkAgainstAlone(['{"a":"}', '{":","b":1}', '{"c":3}'])
  await checkAgainstAlone(['{"x":1}', '{"a":"}', '{","b":"}', '{"}', '{"y":2}'])
  await checkAgainstAlone(['{"a":1}', '{},{}', '{"b":2}'])
  await checkAgainstAlone(['{"a":[1}', '{2],"b":1}'])
  await checkAgainstAlone(['{"a":1/*}', '{*/}'])
})

test('what is no object is parsed too', async () => {
  await checkAgainstAlone(['1', 'null', '"x"', '[1,2]', '', ' ', '{"a":{"b":1}}', 'true false'])
})

test('bytes that are no UTF-8 spoil only their own line, also where a character lies across a cut', async () => {
  const first = Buffer.from('{"a":"€"}')
  const halves = [Buffer.from('{"a":"\xe2', 'latin1'), Buffer.from('\x82\xac"}', 'latin1')]
  await checkAgainstAlone([first, Buffer.from('{"a":"\xff"}', 'latin1'), first])
  await checkAgainstAlone([first, ...halves, first])
})

test('a character that is cut in two by the source is not put together again', async () => {
  // Two records side by side over the three bytes of one character, with no separator between.
  const whole = Buffer.from('"€""€"')
  const { values: got, letters } = await parse(['1', '2'], (packed) => ({
    ...packed,
    buffer: whole,
    starts: Uint32Array.of(0, 2),
    ends: Uint32Array.of(2, 5),
    joinable: Uint8Array.of(0, 0),
  }))
  assert.equal(got, [])
  assert.equal(letters.map(({ error_class }) => error_class), ['InvalidUtf8', 'InvalidUtf8'])
})

test('duplicate keys: the last wins; __proto__ is a key like any other', async () => {
  const { values: got } = await parse(['{"a":1,"a":2}', '{"__proto__":1}'])
  assert.equal(got[0], { a: 2 })
  assert.equal(Object.keys(got[1] as object), ['__proto__'])
})

test('ten thousand nested arrays are a value, and no crash', async () => {
  const { values: got } = await parse([`${'['.repeat(10_000)}${']'.repeat(10_000)}`])
  assert.is(got.length, 1)
})

test('a letter of parse shows the record and why', async () => {
  const { letters } = await parse(['{"a":'])
  const [letter] = letters
  assert.equal([letter?.stage, letter?.stage_kind, letter?.error_class, letter?.payload_text, letter?.stage_value_json], ['parse json', 'parse', 'JsonSyntax', '{"a":', null])
})

test('something that is not bytes is a dead letter', async () => {
  const letters = letterBox()
  // as: JavaScript may parse anything
  const source = sourceOf(single('text' as unknown as Uint8Array))
  const built = pipeline(letters, (p) => p.read('in', source).apply(parseJson).eventTime('time', () => 0, { boundMillis: 0 }).write('out', table()))
  await runLocal(built, null).done
  assert.equal(values(letters).map(({ error_class }) => error_class), ['NotBytes'])
})

const piece = fc.constantFrom('{', '}', '"', ',', ':', '1', 'a', '\\', '[', ']', '{"a":"', '"}', '{"b":', '}', '😀', '\u0000', ' ')
const oddLine = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
// The rule of `joinable`: these are objects by their braces, and nearly all are broken.
const braced = fc.array(fc.constantFrom('"', ',', ':', '1', '"a"', '"a":', '\\', '[', ']', '😀'), { maxLength: 6 }).map((pieces) => `{${pieces.join('')}}`)
const sound = fc.integer().map((n) => `{"n":${n}}`)

test('any lines at all are parsed as each alone would be', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(oddLine, braced, braced, sound, sound), { minLength: 1, maxLength: 12 }), checkAgainstAlone), { numRuns: 300 })
})

test.run()

import { Payloads } from '#src/dead-letter/payload.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('payloads')

const kibibyte = 1_024
const large = 65 * kibibyte

const payload = fc.oneof(
  fc.uint8Array(),
  fc.string().map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.constantFrom(Buffer.alloc(large, 'a'), Buffer.alloc(large, 0xff), Buffer.alloc(40 * kibibyte, 'b')),
)

const expected = (bytes: Uint8Array): readonly (string | null)[] => {
  const copy = Buffer.from(bytes)
  const text = copy.toString('utf8')
  return Buffer.from(text).equals(copy) ? [text, null] : [null, copy.toString('base64')]
}

test('each is what it was when it was added, also when the room is used again', () => {
  const payloads = new Payloads()
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 40 }), (list) => {
      const copies = list.map((bytes) => Uint8Array.from(bytes))
      const indexes = copies.map((bytes) => payloads.add(bytes))
      for (const bytes of copies) bytes.fill(0)
      const found = indexes.map((index) => payloads.at(index)).map(({ text, base64 }) => [text, base64])
      assert.equal(found, list.map(expected))
      payloads.clear()
    }),
  )
})

test('values that are no bytes are JSON', () => {
  const payloads = new Payloads()
  payloads.add(Buffer.from('é'))
  const index = payloads.add({ n: 1 })
  assert.equal(payloads.at(index), { text: '{"n":1}', base64: null })
  assert.equal(payloads.at(0), { text: 'é', base64: null })
  assert.is(payloads.size, 2 + 7)
  payloads.clear()
  assert.is(payloads.size, 0)
})

test.run()

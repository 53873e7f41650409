import { assertData, ConnectorError, packData, unpackData, type Data } from '@millrace/core'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('data')

/** What Data may be, and every number that a double can be but -0, which becomes 0. */
const data: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null), fc.boolean(), fc.double().map((n) => (n === 0 ? 0 : n)), fc.integer(), fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 30, maxLength: 90 }), fc.uint8Array(),
    fc.array(tie('data')), fc.dictionary(fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'), tie('data')).map((o) => ({ ...o })),
  ),
})).data

const roundTrip = (value: Data): Data => unpackData(packData(value))
const same = (value: Data): void => { assert.ok(isDeepStrictEqual(roundTrip(value), value), JSON.stringify(value)) }

test('anything comes back unchanged and of the same type', () => {
  fc.assert(fc.property(data, same), { numRuns: 2_000 })
})

test('so do the corners', () => {
  const numbers = [NaN, Infinity, -Infinity, 0, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 63, 2 ** 64, 1e308, 5e-324, 0.1, -0.5, 1.6e12, 4.5e9]
  const texts = ['', '\ufeff', '\ufeff'.repeat(70), `\ufeff${'a'.repeat(100)}`, '\0', '😀'.repeat(40), 'é', 'x'.repeat(70_000), '\uffff', '\u2028']
  for (const value of [...numbers, ...texts, null, true, false, [], {}, new Uint8Array(), new Uint8Array(70_000).fill(7)]) same(value)
  same({ list: numbers, texts, constructor: 1, toJSON: 'x', hasOwnProperty: null, valueOf: {}, '': 0, 1: 'one' })
  same(Object.fromEntries(texts.map((text) => [text, text])))
  same(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])))
  same(Array.from({ length: 70_000 }, (_, i) => [i, { i }]))
  for (let length = 0; length < 300; length++) same(['a'.repeat(length), 'é'.repeat(length)])
  assert.ok(Object.is(roundTrip(-0), 0))
})

test('without its native part, msgpackr writes the same', () => {
  const script = `import { packData } from '@millrace/core'; const text = '\\ufeff' + 'é'.repeat(100); process.stdout.write(packData([text, { [text]: 1 }]))`
  const run = (env: NodeJS.ProcessEnv): Buffer => execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, cwd: import.meta.dirname })
  const text = `\ufeff${'é'.repeat(100)}`
  assert.equal(unpackData(run({ ...process.env, MSGPACKR_NATIVE_ACCELERATION_DISABLED: 'true' })), [text, { [text]: 1 }])
})

test('bytes are copies, both ways', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  const packed = packData([bytes, Buffer.from('ab')])
  bytes.fill(9)
  assert.is(packed.byteLength, packed.buffer.byteLength)
  const again = packData('something else'.repeat(100))
  const [first, second] = unpackData(packed) as [Uint8Array, Uint8Array]
  packed.fill(0)
  again.fill(0)
  assert.equal([...first], [1, 2, 3])
  assert.is(Object.getPrototypeOf(second), Uint8Array.prototype)
  assert.equal([...second], [97, 98])
})

test('reads from a part of a buffer, without touching it', () => {
  const packed = packData({ a: 'b' })
  const pool = Buffer.concat([Buffer.from('xx'), packed, Buffer.from('yy')])
  const part = pool.subarray(2, 2 + packed.length)
  assert.equal(unpackData(part), { a: 'b' })
  assert.equal(Object.keys(part).filter((key) => !/^\d+$/.test(key)), [])
})

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test('writes what the MessagePack specification says', () => {
  const cases: readonly (readonly [Data, string])[] = [
    [null, 'c0'], [true, 'c3'], [127, '7f'], [128, 'cc 80'], [-32, 'e0'], [-33, 'd0 df'], [65_536, 'ce 00010000'], [0.5, 'cb 3fe0000000000000'],
    ['a', 'a1 61'], [[1, []], '92 01 90'], [{ a: {} }, '81 a1 61 80'], [Uint8Array.of(255), 'c4 01 ff'], ['😀', 'a4 f09f9880'], [NaN, 'cb 7ff8000000000000'],
  ]
  for (const [value, hex] of cases) {
    assert.equal(packData(value), bytesOf(hex))
    assert.ok(isDeepStrictEqual(unpackData(bytesOf(hex)), value))
  }
})

test('reads every width, also those that it does not write', () => {
  const cases: readonly (readonly [string, Data])[] = [
    ['cd 0001', 1], ['ce 00000001', 1], ['cf 0000000000000001', 1], ['cf 0020000000000000', 2 ** 53], ['d0 ff', -1], ['d1 ffff', -1], ['d2 ffffffff', -1],
    ['d3 ffffffffffffffff', -1], ['ca 3f000000', 0.5], ['d9 01 61', 'a'], ['da 0001 61', 'a'], ['db 00000001 61', 'a'], ['dc 0001 c0', [null]], ['dd 00000001 c0', [null]],
    ['de 0001 a161 c2', { a: false }], ['df 00000001 a161 c2', { a: false }], ['c5 0001 07', Uint8Array.of(7)], ['c6 00000001 07', Uint8Array.of(7)],
  ]
  for (const [hex, value] of cases) assert.ok(isDeepStrictEqual(unpackData(bytesOf(hex)), value), hex)
})

const failure = (f: () => unknown): ConnectorError => {
  try {
    f()
  } catch (thrown) {
    if (thrown instanceof ConnectorError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

test('refuses bytes that are no packed data, and says where', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /byte 1 of 0|byte 0 of 0/], ['92 01', /1 bytes are missing/], ['a2 61', /1 bytes are missing \(byte 1 of 2\)/], ['01 02', /1 bytes follow the value/],
    ['c1', /type 0xc1/], ['d4 ff 00', /type 0xd4/], ['c7 01 ff 00', /type 0xc7/], ['81 01 02', /a key is no string/], ['81 a9 5f5f70726f746f5f5f c0', /__proto__/],
    ['a1 ff', /encod|utf-8/i], ['a3 eda080', /encod|utf-8/i], ['dd ffffffff', /are missing/], ['df ffffffff', /are missing/], ['c6 ffffffff', /are missing/], ['cb 00', /not packed data/],
  ]
  for (const [hex, message] of cases) {
    const error = failure(() => unpackData(bytesOf(hex)))
    assert.match(error.message, message)
    assert.equal([error._tag, error.code], ['NotPackedData', 'DataLoss'])
  }
  assert.match(failure(() => unpackData(new Uint8Array(5_000).fill(0x91))).message, /more than 1000 levels/)
})

test('a packed value that was cut or changed is refused or Data, and never something else', () => {
  fc.assert(fc.property(data, fc.nat(), fc.nat(255), (value, at, byte) => {
    const packed = packData(value)
    if (packed.length > 1) assert.instance(failure(() => unpackData(packed.subarray(0, at % packed.length))), ConnectorError)
    packed[at % packed.length] = byte
    let changed: Data
    try {
      changed = unpackData(packed)
    } catch (thrown) {
      return assert.instance(thrown, ConnectorError)
    }
    assertData(changed, 'what was unpacked')
  }), { numRuns: 1_000 })
})

const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1)
const cycle: unknown[] = []
cycle.push([cycle])

for (const [name, value, path, what] of [
  ['undefined', undefined, '', 'undefined'],
  ['an undefined field', { a: [1, undefined] }, '/a/1', 'undefined'],
  ['a hole', [0, , 1], '/1', 'undefined'],
  ['a date', { at: new Date(0) }, '/at', 'an object of class Date'],
  ['a map', [new Map()], '/0', 'an object of class Map'],
  ['another typed array', new Float64Array(1), '', 'an object of class Float64Array'],
  ['a class instance', { x: new (class Point { a = 1 })() }, '/x', 'an object of class Point'],
  ['inherited fields', Object.create({ a: 1 }), '', 'an object with a prototype of its own'],
  ['inherited from nothing', Object.create(Object.create(null)), '', 'an object with a prototype of its own'],
  ['a kind of array', new (class List extends Array {})(), '', 'an object of class List'],
  ['a BigInt', { 'a/b~': 1n }, '/a~1b~0', 'a BigInt'],
  ['a function', [() => 1], '/0', 'a function'],
  ['a symbol', { s: Symbol('s') }, '/s', 'a symbol'],
  ['a field named by a symbol', { a: { [Symbol('s')]: 1 } }, '/a', 'a field named by a symbol'],
  ['__proto__', JSON.parse('{"a": {"__proto__": 1}}'), '/a/__proto__', 'a field named __proto__'],
  ['a lone surrogate', { s: 'a\ud800' }, '/s', 'a string with a lone surrogate'],
  ['a lone surrogate in a key', { '\udc00': 1 }, '/\udc00', 'a field name with a lone surrogate'],
] as const)
  test(`refuses ${name}`, () => {
    const error = failure(() => assertData(value, 'the state of stage "ohlcv"'))
    assert.equal([error._tag, error.code, error.path], ['NotData', 'InvalidArgument', path])
    assert.ok(error.message.startsWith(`the state of stage "ohlcv" ${path === '' ? 'is' : `has at ${path}`} ${what}`), error.message)
    // What is refused is not packed either.
    assert.is(failure(() => packData(value as Data))._tag, 'NotData')
  })

test('refuses cycles and more than 1,000 levels', () => {
  same(nested(1_000) as Data)
  for (const value of [nested(1_001), nested(100_000), cycle]) assert.match(failure(() => assertData(value, 'it')).message, /^it has at \/0.* more than 1000 levels, or a cycle/)
})

test('refuses what cannot be read', () => {
  assert.match(failure(() => assertData({ get a() { throw new Error('no') } }, 'it')).message, /^it cannot be read: Error: no/)
})

test('accepts all Data, and an object without a prototype as an ordinary one', () => {
  fc.assert(fc.property(data, (value) => assertData(value, 'it')))
  assert.equal(roundTrip(Object.assign(Object.create(null), { a: 1 })), { a: 1 })
})

test.run()

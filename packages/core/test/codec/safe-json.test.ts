import { safeJson } from '#src/codec/safe-json.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('safeJson')
const KIB_64 = 65_536
const bytesOf = (text: string): number => Buffer.byteLength(text)

test('writes JSON values as JSON.stringify does', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.is(safeJson(value, 1e9), JSON.stringify(value))
  }))
})

test('leaves out undefined fields, and writes null for undefined elsewhere', () => {
  assert.is(safeJson({ a: undefined, b: [undefined, 1], c: 2 }, KIB_64), '{"b":[null,1],"c":2}')
  assert.is(safeJson(undefined, KIB_64), 'null')
  assert.is(safeJson([, 1], KIB_64), '[null,1]')
})

test('says what JSON has no word for', () => {
  const named = (): void => {}
  assert.is(safeJson([NaN, -Infinity, 12n, named, Symbol('x'), -0], KIB_64), '["NaN","-Infinity","12n","[function named]","Symbol(x)",0]')
  assert.is(safeJson(new Date(0), KIB_64), '"1970-01-01T00:00:00.000Z"')
  assert.is(safeJson([new Map([[1, 'a']]), new Set([2])], KIB_64), '[[[1,"a"]],[2]]')
  assert.is(safeJson(new TypeError('no'), KIB_64), '{"name":"TypeError","message":"no"}')
  assert.is(safeJson([new Number(1), new String('s'), new Boolean(false)], KIB_64), '[1,"s",false]')
  assert.is(safeJson(2n ** 100_000n, KIB_64), '"[bigint too long to show]"')
})

test('writes bytes as base64', () => {
  const bytes = Uint8Array.of(9, 1, 2, 255, 9)
  assert.is(safeJson(bytes.subarray(1, 4), KIB_64), '"AQL/"')
  assert.is(safeJson(Buffer.from([1, 2, 255]), KIB_64), '"AQL/"')
  assert.is(safeJson(new DataView(bytes.buffer, 1, 3), KIB_64), '"AQL/"')
  assert.is(safeJson(bytes.buffer, KIB_64), '"CQEC/wk="')
  assert.is(safeJson(Float64Array.of(0.5, NaN), KIB_64), '[0.5,"NaN"]')
})

test('marks a cycle, and not what only occurs twice', () => {
  const twice = { x: 1 }
  const loop: { a: unknown; b: unknown; self?: unknown } = { a: twice, b: twice }
  loop.self = loop
  assert.is(safeJson(loop, KIB_64), '{"a":{"x":1},"b":{"x":1},"self":"[circular]"}')
})

test('tells what cannot be read, and goes on', () => {
  const hostile = {
    get a(): number { throw new Error('no a') },
    b: { toJSON: (): never => { throw new RangeError('no b') } },
    c: new Proxy({}, { ownKeys: () => { throw { toString: (): never => { throw new Error() } } } }),
    d: 1,
  }
  assert.is(safeJson(hostile, KIB_64), '{"a":"[unreadable: Error: no a]","b":"[unreadable: RangeError: no b]","c":"[unreadable: no reason given]","d":1}')
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  assert.match(safeJson(proxy, KIB_64), /^"\[unreadable: TypeError/)
})

test('is well-formed for lone surrogates, in keys too', () => {
  assert.is(safeJson({ '\ud800': 'a\udc00😀' }, KIB_64), '{"\\ud800":"a\\udc00😀"}')
})

for (const depth of [10_000, 100_000])
  test(`survives ${depth} levels`, () => {
    let arrays: unknown = 1
    let objects: unknown = 1
    for (let i = 0; i < depth; i++) [arrays, objects] = [[arrays], { k: objects }]
    assert.is(safeJson(arrays, 1e9), '['.repeat(depth) + 1 + ']'.repeat(depth))
    assert.is(safeJson(objects, 1e9).length, depth * 6 + 1)
    assert.is(safeJson(arrays, 103), '['.repeat(100) + '…')
  })

test('a cut text has at most maxBytes, is a beginning of the whole, and ends with …', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 60 }), (json, text, maxBytes) => {
    const value = [text, json]
    const whole = JSON.stringify(value)
    const cut = safeJson(value, maxBytes)
    assert.ok(bytesOf(cut) <= maxBytes)
    if (bytesOf(whole) <= maxBytes) assert.is(cut, whole)
    else {
      assert.ok(cut.endsWith('…') && whole.startsWith(cut.slice(0, -1)))
      // Nothing that would fit is held back: a character takes at most 4 bytes.
      assert.ok(bytesOf(cut) > maxBytes - 4)
    }
    assert.is(Buffer.from(cut).toString(), cut)
  }), { numRuns: 500 })
})

test('never throws and keeps the cap for any value', () => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true, withSparseArray: true, withTypedArray: true, withBoxedValues: true, withObjectString: true }),
    fc.integer({ min: 3, max: 200 }), (value, maxBytes) => { assert.ok(bytesOf(safeJson(value, maxBytes)) <= maxBytes) }))
})

test('does not visit what lies beyond the cut', () => {
  let read = 0
  const counting = new Proxy(new Array<unknown>(1_000_000), { get: (target, key) => (key === 'length' ? 1_000_000 : (read++, Reflect.get(target, key))) })
  safeJson(counting, 1_000)
  assert.ok(read < 1_000, `${read} reads`)
  let undefineds = 0
  const hollow = new Proxy(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, undefined])), { get: () => void undefineds++ })
  assert.ok(safeJson(hollow, 100).endsWith('…'))
  assert.ok(undefineds < 200, `${undefineds} reads`)
})

test('cuts 100 MB of text, bytes and elements in no time', () => {
  const started = process.cpuUsage()
  const huge = [['x'.repeat(1e8)], [new Uint8Array(1e8)], [new Float64Array(1e7)], [new Set(Array.from({ length: 1e5 }, (_, i) => i))]]
  const made = process.cpuUsage(started).user
  for (const value of huge) assert.ok(bytesOf(safeJson(value, KIB_64)) <= KIB_64)
  const spentMillis = (process.cpuUsage(started).user - made) / 1_000
  assert.ok(spentMillis < 500, `${spentMillis} ms`)
})

test.run()

import { decoderOf } from '@millrace/core'
import { explain } from '#src/codec/explain.js'
import fc from 'fast-check'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OwnTrade, Trade } from './trade-codec.js'

const test = suite('explain')

/** `message @ pointer`, or `accepted`. */
const reason = (codec: t.Any, value: unknown): string => {
  const decoded = codec.decode(value)
  if (decoded._tag === 'Right') return 'accepted'
  const { message, path } = explain(decoded.left)
  return `${message} @ ${path}`
}

const good = { s: 'AAPL', p: 1.5, v: 2, t: 1.6e12 }
const P = 'a number > 0 and at most 1e12'

const reasons = (name: string, codec: t.Any, cases: readonly (readonly [value: unknown, expected: string])[]): void => {
  for (const [value, expected] of cases) test(`${name}: ${expected}`, () => assert.is(reason(codec, value), expected))
}

const { s: _s, ...noSymbol } = good
const { t: _t, ...noTime } = good
for (const codec of [Trade, OwnTrade])
  reasons('trade', codec, [
    [good, 'accepted'],
    [{ ...good, c: null }, 'accepted'],
    [{ ...good, c: ['1'] }, 'accepted'],
    [noSymbol, 's: is missing @ /s'],
    [noTime, 't: is missing @ /t'],
    [{ ...good, p: '12' }, `p: expected ${P}, got "12" @ /p`],
    [{ ...good, p: null }, `p: expected ${P}, got null @ /p`],
    [{ ...good, p: undefined }, `p: expected ${P}, got undefined @ /p`],
    [{ ...good, p: -1 }, `p: expected ${P}, got -1 @ /p`],
    [{ ...good, p: NaN }, `p: expected ${P}, got NaN @ /p`],
    [{ ...good, p: 12n }, `p: expected ${P}, got "12n" @ /p`],
    [{ ...good, v: {} }, 'v: expected a number from 0 to 1e15, got {} @ /v'],
    [{ ...good, t: 1.5 }, 't: expected whole Unix milliseconds from 1e12, got 1.5 @ /t'],
    [{ ...good, s: '' }, 's: expected a symbol of 1 to 32 characters, got "" @ /s'],
    [{ ...good, c: '1' }, 'c: expected Array<string> | null, got "1" @ /c'],
    [{ ...good, c: [1] }, 'c[0]: expected string, got 1 @ /c/0'],
    [{ ...good, c: ['1', null] }, 'c[1]: expected string, got null @ /c/1'],
  ])
reasons('no object', Trade, [
  [null, 'expected an object, got null @ '],
  [[good], 'expected an object, got [{"s":"AAPL","p":1.5,"v":2,"t":1600000000000}] @ '],
  ['text', 'expected an object, got "text" @ '],
  [undefined, 'expected an object, got undefined @ '],
])
reasons('no object', OwnTrade, [
  [3, 'expected a trade with fields of its own (an object), got 3 @ '],
  [Object.create(good), 'expected a trade with fields of its own, got {} @ '],
])

const trade = t.type({ type: t.literal('trade'), data: t.array(t.type({ p: t.number })) })
const ping = t.type({ type: t.literal('ping') })
const news = t.strict({ type: t.union([t.literal('news'), t.literal('pr')]) })
for (const [name, codec, names] of [
  ['tagged union', t.union([ping, trade]), '"ping" | "trade"'],
  ['union told apart by literals', t.union([ping, news, trade]), '"ping" | "news" | "pr" | "trade"'],
  ['wrapped union', t.readonly(t.refinement(t.union([ping, trade]), () => true, 'Frame')), '"ping" | "trade"'],
] as const)
  reasons(name, codec, [
    [{ type: 'ping' }, 'accepted'],
    [{}, 'type: is missing @ /type'],
    [{ type: 'x' }, `type: expected ${names}, got "x" @ /type`],
    [{ type: 'trade' }, 'data: is missing @ /data'],
    [{ type: 'trade', data: [{ p: 1 }, { p: '1' }] }, 'data[1].p: expected number, got "1" @ /data/1/p'],
  ])
reasons('union', t.union([t.type({ a: t.type({ b: t.number }) }), t.type({ c: t.string, d: t.string })]), [
  [{ a: {} }, 'a.b: is missing @ /a/b'],
  [{ c: 1, d: '' }, 'a: is missing @ /a'],
  [1, 'expected { a: { b: number } } | { c: string, d: string }, got 1 @ '],
])
reasons('union in an array', t.array(t.union([t.number, t.null]), 'Numbers'), [
  [[1, 'x'], '[1]: expected number | null, got "x" @ /1'],
  [{}, 'expected Numbers, got {} @ '],
])
reasons('nested unions', t.type({ a: t.union([t.null, t.union([t.string, t.array(t.number)])]) }), [[{ a: [''] }, 'a[0]: expected number, got "" @ /a/0']])
reasons('intersection of refinements', t.intersection([t.Int, t.refinement(t.number, (n) => n > 0, 'Positive')]), [
  [-1, 'expected Positive, got -1 @ '],
  [1.5, 'expected Int, got 1.5 @ '],
])
// A recursive codec needs its type told; here nothing depends on it.
const Kids: t.Any = t.recursion<unknown>('Kids', () => t.array(t.type({ kids: Kids })) as t.Type<any>)
reasons('exact, readonly and recursive', t.exact(t.readonly(t.type({ kids: Kids }))), [
  [{ kids: [{ kids: [] }, { kids: 1 }] }, 'kids[1].kids: expected Kids, got 1 @ /kids/1/kids'],
])
reasons('odd keys', t.type({ 'x-y': t.record(t.string, t.tuple([t.number, t.string])), 'a/b~': t.type({ n: t.null }) }), [
  [{ 'x-y': { 'k k': [1, 2] } }, '["x-y"]["k k"][1]: expected string, got 2 @ /x-y/k k/1'],
  [{ 'x-y': {}, 'a/b~': {} }, '["a/b~"].n: is missing @ /a~1b~0/n'],
  [{ 'x-y': { '\ud800': [] } }, '["x-y"]["\\ud800"][0]: is missing @ /x-y/\ufffd/0'],
])
reasons('record of known keys', t.record(t.keyof({ a: null, b: null }), t.number), [
  [{ a: 1 }, 'b: is missing @ /b'],
  [3, 'expected an object, got 3 @ '],
])
const Even = new t.Type<number>('Even', t.number.is, (u, c) => (Number(u) % 2 === 0 ? t.success(Number(u)) : t.failure(u, c, 'must be even')), t.identity)
reasons('the codec speaks for itself', t.type({ list: t.array(Even) }), [[{ list: [2, 3] }, 'list[1]: must be even @ /list/1']])
reasons('a codec of unknown make around an intersection', t.type({ a: new t.Type('Own', Trade.is, Trade.validate, t.identity) }), [
  [{ a: { ...good, p: 0 } }, `a.p: expected ${P}, got 0 @ /a/p`],
])

test('shows at most 80 bytes of a value and 120 characters of a name', () => {
  const wide = t.union([t.string, t.literal('x'.repeat(500))], 'n'.repeat(300))
  const text = reason(wide, Array.from({ length: 1_000 }, () => '😀'))
  assert.match(text, /^expected n{119}…, got \["😀".*… @ $/u)
  assert.ok(Buffer.byteLength(text) < 'expected , got  @ '.length + 122 + 80 + 1)
})

test('never throws, and the pointer leads to a place in the value', () => {
  const codec = t.array(t.union([Trade, t.record(t.string, t.intersection([t.partial({ a: t.number }), t.type({ b: Trade })])), t.tuple([t.number, t.null])]))
  const leaf = fc.constantFrom<unknown>('12', 1, null, [], {}, good, [1, null], { b: good }, { b: { ...good, p: 0 } }, NaN, 'a')
  const values = fc.array(fc.oneof(leaf, fc.dictionary(fc.constantFrom('s', 'p', 'b', '~/'), leaf), fc.array(leaf)))
  fc.assert(fc.property(values, (value) => {
    const decoded = codec.decode(value)
    if (decoded._tag === 'Right') return
    const { path, message } = explain(decoded.left)
    assert.ok(message.length > 0)
    const keys = path.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const holder = keys.slice(0, -1).reduce((at: unknown, key) => (at as Record<string, unknown>)[key], value) // a pointer into it
    assert.ok(typeof holder === 'object' && holder !== null, `${path} in ${JSON.stringify(value)}`)
  }), { numRuns: 500 })
})

test('a codec that throws is a failure, not an exception', () => {
  const thrown = new RangeError('oops')
  const decoded = decoderOf(t.refinement(t.string, () => { throw thrown }, 'Bad')).decode('a')
  assert.equal(decoded, { ok: false, failure: { _tag: 'Decode', code: 'InvalidArgument', message: 'the codec Bad threw RangeError: oops', path: '', cause: thrown } })
})

test('an error without context is still a reason', () => {
  assert.equal(explain([]), { message: 'rejected without a reason', path: '' })
})

test('a decoder gives the decoded value, or a failure with reason and place', () => {
  const decoder = decoderOf(t.strict({ a: t.number }))
  assert.equal(decoder.decode({ a: 1, b: 2 }), { ok: true, value: { a: 1 } })
  assert.equal(decoder.decode({ a: '' }), { ok: false, failure: { _tag: 'Decode', code: 'InvalidArgument', message: 'a: expected number, got ""', path: '/a' } })
})

test.run()

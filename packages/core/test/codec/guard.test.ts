import { compileGuard, decoderOf } from '@millrace/core'
import { analyse } from '#src/codec/guard-analysis.js'
import { composed } from '#src/codec/guard-closure.js'
import { compiled } from '#src/codec/guard-compile.js'
import { shapeOf } from '#src/codec/codec-shape.js'
import * as t from 'io-ts'
import { execFileSync } from 'node:child_process'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OwnTrade, Trade } from './trade-codec.js'

const test = suite('guard')

/** What both flavours say, which must be the same. */
const accepts = (codec: t.Any, value: unknown): boolean => {
  const { plan, opaque } = analyse(shapeOf(codec))
  if (plan === undefined) throw new Error(`opaque: ${opaque.join()}`)
  const answer = compiled(plan)(value)
  assert.is(composed(plan)(value), answer, `closures say ${!answer}`)
  return answer
}

const Throws = t.refinement(t.unknown, () => { throw new Error('no') }, 'Throws')
const Positive = t.refinement(t.number, (n) => n > 0, 'Positive')

/** `yes`: accepted. `no`: left to io-ts, which is then right to say what it says. */
const cases = (name: string, codec: t.Any, yes: readonly unknown[], no: readonly unknown[]): void =>
  test(name, () => {
    for (const value of yes) assert.ok(accepts(codec, value), `should accept ${inspect(value)}`)
    for (const value of no) assert.not(accepts(codec, value), `should not accept ${inspect(value)}`)
  })

const good = { s: 'AAPL', p: 1.5, v: 0, t: 1.6e12 }
for (const codec of [Trade, OwnTrade])
  cases('a trade', codec, [good, { ...good, c: null }, { ...good, c: [] }, { ...good, c: ['1'], extra: {} }, { ...good, c: undefined }, JSON.parse('{"s":"A","p":1,"v":0,"t":1600000000000,"__proto__":{},"constructor":1}')],
    [null, [], 'x', {}, { ...good, s: '' }, { ...good, p: '12' }, { ...good, p: 0 }, { ...good, v: NaN }, { ...good, t: 1.5 }, { ...good, c: [1] }, { ...good, c: '1' }, Object.create(good)])

test('the codec of the example is not opaque', () => {
  for (const codec of [Trade, OwnTrade]) {
    const { flavour, opaque } = compileGuard(codec)
    assert.equal({ flavour, opaque }, { flavour: 'compiled', opaque: [] })
  }
})

const primitives = t.type({ s: t.string, n: t.number, b: t.boolean, z: t.null, u: t.undefined, i: t.bigint, x: t.unknown, l: t.UnknownArray, r: t.UnknownRecord })
const ones = { s: '', n: 1, b: false, z: null, u: undefined, i: 1n, x: () => 1, l: [1], r: {} }
cases('primitives', primitives, [ones, { ...ones, x: undefined }],
  [['s', 1], ['n', ''], ['b', 0], ['z', undefined], ['u', null], ['i', 1], ['l', {}], ['r', []], ['r', null]].map(([key, value]) => ({ ...ones, [String(key)]: value })))
cases('never', t.never as unknown as t.Any, [], [undefined, 1]) // it encodes nothing
cases('NaN makes io-ts copy what holds it', t.type({ a: t.number, b: t.unknown }), [{ a: 1, b: [NaN] }], [{ a: NaN, b: 1 }, { a: 1, b: NaN }])
cases('a literal 0 is not -0, which io-ts would replace', t.union([t.literal(0), t.literal('0'), t.literal(true)]), [0, '0', true], [-0, false, 1])
cases('a literal -0 is not 0', t.literal(-0), [-0], [0])
cases('literals that JSON cannot write', t.union([t.literal(Infinity), t.literal('\u2028"\\')]), [Infinity, '\u2028"\\'], [-Infinity, ''])
cases('keyof takes own keys only', t.keyof({ a: null, 1: null }), ['a', '1'], ['b', 'toString', 1, '__proto__'])
cases('property names cannot become code', t.type({ '"];throw 1//': t.string, 'a\\': t.number, '\u2028': t.null }), [{ '"];throw 1//': '', 'a\\': 1, '\u2028': null }], [{}])
cases('a prototype’s properties count, as for io-ts', t.type({ toString: t.unknown, constructor: t.unknown }), [{}, { toString: 1 }], [])
cases('only plain objects', t.type({ a: t.number }), [{ a: 1 }, { a: 1, get b() { return 1 } }, new Proxy({ a: 1 }, {})],
  [Object.assign(Object.create(null), { a: 1 }), Object.create({ a: 1 }), Object.assign(new Date(), { a: 1 }), new (class { a = 1 })(), Object.assign(Object.setPrototypeOf([], Object.prototype), { a: 1 })])
cases('arrays of any make', t.array(t.union([t.number, t.undefined])), [[], [1], [, 1], Object.assign([1], { extra: 1 }), new (class List extends Array {})(), new Proxy([1], {})], [{ length: 0 }, ['1'], Uint8Array.of(1)])
cases('a hole is undefined', t.array(t.number), [[1, 2]], [[, 1]])
cases('a property that may be undefined is filled in when absent', t.type({ a: t.union([t.number, t.undefined]) }), [{ a: undefined }, { a: 1 }], [{}])
cases('an optional property may be absent or undefined', t.partial({ a: t.number, b: t.unknown }), [{}, { a: undefined }, { a: 1, b: null }], [{ a: null }, { a: NaN }])
cases('io-ts calls predicates with the undefined of an optional property', t.partial({ a: Throws }), [], [{}, { a: 1 }])
cases('exact: other keys are stripped', t.strict({ a: t.number }), [{ a: 1 }, { a: 1, [Symbol('s')]: 1 }], [{ a: 1, b: 2 }, JSON.parse('{"a":1,"__proto__":1}')])
cases('exact of an intersection keeps the keys of all its members but exact ones', t.exact(t.intersection([t.type({ a: t.number }), t.strict({ b: t.number }), t.partial({ c: t.number })]) as t.HasProps), [], [{ a: 1, b: 1 }, { a: 1, b: 1, c: 1 }])
cases('exact, readonly and refined', t.exact(t.readonly(t.refinement(t.intersection([t.type({ a: t.number }), t.partial({ b: t.number })]), (x) => x.a > 0))), [{ a: 1 }, { a: 1, b: 1 }], [{ a: 0 }, { a: 1, c: 1 }])
cases('an intersection with a member that strips', t.intersection([t.strict({ a: t.number }), t.type({ b: t.number })]), [], [{ a: 1, b: 2 }])
cases('a tuple is cut to its length', t.tuple([t.number, t.undefined]), [[1, undefined]], [[1], [1, undefined, 2]])
cases('a record', t.record(t.string, t.number), [{}, { a: 1, b: 2 }, JSON.parse('{"__proto__": 1}')], [{ a: NaN }, { a: '' }, [], [1], null])
cases('a record drops keys that are not of its domain', t.record(t.refinement(t.string, (key) => key.length === 1), t.number), [{ a: 1 }], [{ ab: 1 }])
cases('a record of known keys strips the others', t.record(t.keyof({ a: null, b: null }), t.number), [{ a: 1, b: 2 }], [{ a: 1 }, { a: 1, b: 2, c: 3 }])
test('a record does not take inherited keys for its own', () => {
  // Somebody extends Object.prototype: io-ts looks at own keys only.
  Object.defineProperty(Object.prototype, 'polluted', { value: 'x', enumerable: true, configurable: true })
  try {
    const codec = t.union([t.record(t.string, t.number), t.UnknownRecord])
    assert.not(accepts(codec, { a: 1 }))
    assert.not(accepts(t.strict({ a: t.number }), { a: 1 }))
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted')
  }
})

cases('a union member that strips hides those after it, for values that it takes', t.union([t.strict({ a: t.number }), t.type({ b: t.number }), t.null]), [{ a: 1 }, { b: 1 }, null], [{ a: 1, b: 1 }])
cases('so does one that fills in', t.union([t.type({ a: t.undefined }), t.UnknownRecord]), [{ a: undefined }, { a: 1 }], [{}])
cases('and one that cuts', t.union([t.tuple([t.number]), t.UnknownArray]), [[1], ['x']], [[1, 2]])
cases('an object that only io-ts can judge ends the union', t.union([t.type({ a: t.unknown }), t.string]), [{ a: 1 }, ''], [new Date()])
cases('a predicate that io-ts would have called', t.union([t.type({ a: t.number, b: Throws }), t.UnknownRecord, t.null]), [null], [{ a: '' }, { a: 1 }])
cases('predicates do not stand in the way of other kinds of values', t.union([t.array(Positive), t.intersection([t.type({ a: Positive }), t.partial({ b: Positive })]), t.string]), [[1], { a: 1 }, ''], [[0], { a: 0 }])
cases('a tagged union looks at one member only', t.union([t.strict({ k: t.literal('a'), p: Positive }), t.strict({ p: Positive, k: t.literal('b'), q: t.number })]), [{ k: 'a', p: 1 }, { k: 'b', p: 1, q: 2 }], [{ k: 'a', p: 1, q: 2 }, { k: 'c' }, { k: 'b', p: 0, q: 1 }, 1])
cases('a predicate that throws', t.type({ a: Throws }), [], [{ a: 1 }])
cases('a getter that throws', t.type({ a: t.number }), [], [{ get a(): number { throw new Error('no') } }])

const cloned = (codec: t.Any, changes: object): t.Any => Object.assign(Object.create(Object.getPrototypeOf(codec)), codec, changes)
const FromString = new t.Type<number>('FromString', t.number.is, (u, c) => t.success(Number(u)), t.identity)
for (const [name, codec, opaque] of [
  ['a codec of one’s own', t.type({ a: t.array(FromString) }), '.a[]: FromString (not a stock codec of io-ts)'],
  ['in an optional property', t.partial({ a: FromString }), '.a: FromString (not a stock codec of io-ts)'],
  ['a pipe', t.string.pipe(t.string), 'pipe(string, string) (not a stock codec of io-ts)'],
  ['a clone with its own validate', t.array(cloned(t.string, { validate: t.success })), '[]: string (not a stock codec of io-ts)'],
  ['a clone with its own is', cloned(t.type({}), { is: () => true }), '{  } (not a stock codec of io-ts)'],
  ['readonly of something else', cloned(t.readonly(t.string), { validate: FromString.validate }), 'Readonly<string> (not a stock codec of io-ts)'],
  ['another decode', cloned(t.string, { decode: t.success }), 'string (has a decode of its own)'],
  ['a property __proto__', t.type(Object.fromEntries([['__proto__', t.unknown]])), '.__proto__: unknown (a property of this name is not compiled)'],
  ['recursion', t.type({ kids: t.recursion<unknown>('Kids', () => t.unknown) }), '.kids: Kids (recursive)'],
  ['a literal that is no string, number or boolean', t.literal(null as unknown as string), 'null (LiteralType is not compiled)'],
] as const)
  test(`leaves to io-ts: ${name}`, () => {
    const guard = compileGuard(codec)
    assert.equal([guard.flavour, guard.opaque], ['none', [opaque]])
    assert.not(guard.accepts('a'))
  })

test('where code from strings is forbidden, closures do it', () => {
  const script = `
    import { decoderOf } from '@millrace/core'
    import { Trade } from './trade-codec.js'
    const { accepts, guard, decode } = decoderOf(Trade)
    const good = { s: 'A', p: 1, v: 1, t: 1.6e12, c: ['1'] }
    process.stdout.write(JSON.stringify([guard.flavour, guard.opaque, accepts(good), accepts({ ...good, p: 0 }), decode({ ...good, c: [1] }).failure.path]))`
  const run = (...flags: string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [...flags, '--input-type=module', '-e', script], { cwd: import.meta.dirname, encoding: 'utf8' }))
  assert.equal(run('--disallow-code-generation-from-strings'), ['closures', [], true, false, '/c/0'])
  assert.equal(run(), ['compiled', [], true, false, '/c/0'])
})

test('a decoder asks the guard first and io-ts for the rest', () => {
  const decoder = decoderOf(t.type({ a: t.number }))
  assert.ok(decoder.accepts({ a: 1 }))
  const nan = { a: NaN }
  assert.not(decoder.accepts(nan))
  assert.ok(decoder.decode(nan).ok)
})

test.run()

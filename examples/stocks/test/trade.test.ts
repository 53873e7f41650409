import * as fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isTradeSymbol } from '#src/symbol.js'
import { Trade } from '#src/trade.js'

const test = suite('trade')

const good = { s: 'AAPL', p: 181.98, v: 100, t: 1_381_152_600_044, c: ['1'] }
const isTrade = (value: unknown): boolean => isRight(Trade.decode(value))
const without = (field: string): object => Object.fromEntries(Object.entries(good).filter(([key]) => key !== field))
const parsed = (json: string): unknown => JSON.parse(json)

const accepted: Record<string, unknown> = {
  'a plain trade': good,
  'c absent': without('c'),
  'c null': { ...good, c: null },
  'c empty': { ...good, c: [] },
  'c undefined': { ...good, c: undefined },
  'the smallest price': { ...good, p: Number.MIN_VALUE },
  'the largest price': { ...good, p: 1e12 },
  'volume 0, a price update': { ...good, v: 0 },
  'volume -0': { ...good, v: -0 },
  'a fraction of a share': { ...good, v: 0.001 },
  'the largest volume': { ...good, v: 1e15 },
  'the earliest time': { ...good, t: 1e12 },
  'a time written with an exponent': parsed('{"s":"A","p":1,"v":1,"t":1.381152600044e12}'),
  'one letter': { ...good, s: 'A' },
  '32 letters': { ...good, s: 'A'.repeat(32) },
  '32 emoji': { ...good, s: '🚀'.repeat(32) },
  'an inner space': { ...good, s: 'BRK B' },
  'emoji': { ...good, s: '🚀' },
  'an emoji with a variation selector': { ...good, s: '❤️' },
  'an emoji with a skin tone': { ...good, s: '👍🏽' },
  'a flag': { ...good, s: '🇨🇭' },
  'SQL': { ...good, s: `'; DROP TABLE bars; --` },
  'HTML': { ...good, s: '<script>alert(1)</script>' },
  'Chinese': { ...good, s: '贵州茅台' },
  'Arabic': { ...good, s: 'أرامكو' },
  'a decomposed accent': { ...good, s: 'Nestle\u0301' },
  'a backslash': { ...good, s: 'A\\B' },
  'quotes': { ...good, s: '"A"' },
  'a path': { ...good, s: '../../etc/passwd' },
  '__proto__ as symbol': { ...good, s: '__proto__' },
  'constructor as symbol': { ...good, s: 'constructor' },
  'hasOwnProperty as symbol': { ...good, s: 'hasOwnProperty' },
  '__proto__ as an extra key': parsed('{"__proto__":{"p":-1},"s":"A","p":1,"v":1,"t":1381152600044}'),
  'constructor as an extra key': parsed('{"constructor":{"prototype":{}},"s":"A","p":1,"v":1,"t":1381152600044}'),
  'duplicate keys, the last one good': parsed('{"s":"A","p":-1,"p":1,"v":1,"t":1381152600044}'),
  'deep extra fields': { ...good, x: { y: { z: [[[[[{}]]]]] } } },
  'no prototype': Object.assign(Object.create(null), good),
  'own fields over another prototype': Object.assign(Object.create({ p: -1 }), good),
}

const rejected: Record<string, unknown> = {
  'null': null,
  'nothing': undefined,
  'a number': 1,
  'a string': 'AAPL',
  'a boolean': true,
  'an array': [good],
  'an empty array': [],
  'an array with the fields': Object.assign([], good),
  'an empty object': {},
  's missing': without('s'),
  'p missing': without('p'),
  'v missing': without('v'),
  't missing': without('t'),
  's null': { ...good, s: null },
  's a number': { ...good, s: 7 },
  's empty': { ...good, s: '' },
  's a space': { ...good, s: ' ' },
  's with a space first': { ...good, s: ' A' },
  's with a space last': { ...good, s: 'A ' },
  's with a newline': { ...good, s: 'A\nB' },
  's with a NUL': { ...good, s: 'A\0' },
  's with a tab': { ...good, s: 'A\tB' },
  's with DEL': { ...good, s: 'A\x7f' },
  's with a C1 control': { ...good, s: 'A\x85' },
  's with a no-break space': { ...good, s: 'A\u00a0B' },
  's with a line separator': { ...good, s: 'A\u2028B' },
  's with a lone high surrogate': { ...good, s: 'A\ud83d' },
  's with a lone low surrogate': { ...good, s: '\ude80A' },
  's with surrogates in the wrong order': { ...good, s: '\ude80\ud83d' },
  's with a zero width joiner (family emoji)': { ...good, s: '👩‍👧' },
  's with a zero width space': { ...good, s: 'A\u200bB' },
  's with a byte order mark': { ...good, s: '\ufeffA' },
  's with a right-to-left override': { ...good, s: 'A\u202eB' },
  's with a private use character': { ...good, s: '\ue000' },
  's with an unassigned code point': { ...good, s: '\u0378' },
  's of 33 letters': { ...good, s: 'A'.repeat(33) },
  's of 33 emoji': { ...good, s: '🚀'.repeat(33) },
  's of 300 characters': { ...good, s: 'A'.repeat(300) },
  's a String object': { ...good, s: Object('A') },
  'p zero': { ...good, p: 0 },
  'p negative zero': { ...good, p: -0 },
  'p negative': { ...good, p: -1 },
  'p too large': { ...good, p: 1.0000001e12 },
  'p infinite (1e999)': parsed('{"s":"A","p":1e999,"v":1,"t":1381152600044}'),
  'p NaN': { ...good, p: NaN },
  'p a string': { ...good, p: '181.98' },
  'p null': { ...good, p: null },
  'p an array': { ...good, p: [1] },
  'p true': { ...good, p: true },
  'p a bigint': { ...good, p: 1n },
  'v negative': { ...good, v: -1 },
  'v too large': { ...good, v: 1.001e15 },
  'v infinite': { ...good, v: Infinity },
  'v NaN': { ...good, v: NaN },
  'v a string': { ...good, v: '100' },
  't in seconds': { ...good, t: 1_381_152_600 },
  't just below the limit': { ...good, t: 1e12 - 1 },
  't with a fraction': { ...good, t: 1_381_152_600_044.5 },
  't a string': { ...good, t: '1381152600044' },
  't a date text': { ...good, t: '2013-10-07T13:30:00.044Z' },
  't negative': { ...good, t: -1_381_152_600_044 },
  't infinite': { ...good, t: Infinity },
  't NaN': { ...good, t: NaN },
  'c a string': { ...good, c: '1' },
  'c of numbers': { ...good, c: [1] },
  'c with a null': { ...good, c: ['1', null] },
  'c an object': { ...good, c: {} },
  'p only under __proto__': parsed('{"__proto__":{"p":1},"s":"A","v":1,"t":1381152600044}'),
  'p only on the prototype': Object.assign(Object.create({ p: 1 }), without('p')),
  'everything only on the prototype': Object.create(good),
}

for (const [name, value] of Object.entries(accepted)) test(`accepts ${name}`, () => assert.ok(isTrade(value)))
for (const [name, value] of Object.entries(rejected)) test(`rejects ${name}`, () => assert.not.ok(isTrade(value)))

test('keeps what it accepts, extra fields included', () => {
  const decoded = Trade.decode(accepted['deep extra fields'])
  assert.ok(isRight(decoded) && decoded.right === accepted['deep extra fields'])
})

// The law, said once more without the short cuts.
const allowedByLaw = (text: string): boolean => {
  const points = [...text]
  return points.length >= 1 && points.length <= 32 && points[0] !== ' ' && points.at(-1) !== ' '
    && points.every((point) => point === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(point))
}

test('judges every code point of the basic plane, and samples beyond it, as the law says', () => {
  for (let point = 0; point <= 0x10ffff; point += point < 0x10000 ? 1 : 97) {
    const text = `A${String.fromCodePoint(point)}B`
    if (isTradeSymbol(text) !== allowedByLaw(text)) throw new Error(`U+${point.toString(16)} is judged differently`)
  }
})

test('judges random texts as the law says', () => {
  const unit = fc.oneof(fc.constantFrom(' ', 'A', '🚀', '\ud83d', '\ude80', '\u200d', 'é', '\n'), fc.string({ unit: 'binary', maxLength: 2 }))
  const text = fc.array(unit, { maxLength: 36 }).map((parts) => parts.join(''))
  fc.assert(fc.property(text, (sample) => isTradeSymbol(sample) === allowedByLaw(sample)), { numRuns: 3_000 })
})

test.run()

/** A time of the trades below, Unix milliseconds. */
export const T = 1_726_147_800_044

/** A bad element and what must be said of it. */
export interface BadElement {
  readonly name: string
  /** Latin-1: one character is one byte. */
  readonly text: string
  readonly stage: 'parse json' | 'trade' | 'time of trade'
  /** JSON Pointer of the field at fault; `null`: the whole element. Not compared where it is left out. */
  readonly path?: string | null
  /** Cannot stand between two commas: it would tear the array. */
  readonly linesOnly?: boolean
}

const field = (name: string, value: string): string =>
  `{${Object.entries({ s: '"BAD"', p: '10.5', v: '100', t: String(T), [name]: value }).map(([key, text]) => `"${key}":${text}`).join(',')}}`
const without = (name: string): string =>
  `{${Object.entries({ s: '"BAD"', p: '10.5', v: '100', t: String(T) }).filter(([key]) => key !== name).map(([key, text]) => `"${key}":${text}`).join(',')}}`
const badField = (name: string, value: string, what = value): BadElement => ({ name: `${name}: ${what}`, text: field(name, value), stage: 'trade', path: `/${name}` })
const notJson = (name: string, text: string, linesOnly = false): BadElement => ({ name, text, stage: 'parse json', linesOnly })
const notObject = (text: string, what = text): BadElement => ({ name: what, text, stage: 'trade' })

/** Everything of which each must become exactly one dead letter, between neighbours that are delivered. */
export const BAD_ELEMENTS: readonly BadElement[] = [
  ...['s', 'p', 'v', 't'].map((name): BadElement => ({ name: `${name} missing`, text: without(name), stage: 'trade', path: `/${name}` })),
  ...['null', 'true', '{}', '[]'].flatMap((value) => ['s', 'p', 'v', 't'].map((name) => badField(name, value))),
  badField('s', '7'), badField('p', '"10.5"'), badField('v', '"100"'), badField('t', `"${T}"`), badField('t', '"2024-09-12T13:30:00.044Z"'),
  badField('p', '-1'), badField('p', '0'), badField('p', '-0'), badField('p', '1.1e12'), badField('p', '1e999'), badField('p', '-1e999'),
  badField('v', '-1'), badField('v', '1.1e15'), badField('v', '1e999'),
  badField('t', `${T}.5`), badField('t', String(Math.floor(T / 1_000)), 'seconds'), badField('t', `-${T}`), badField('t', '0'), badField('t', '1e999'), badField('t', '999999999999'),
  { name: 't: microseconds', text: field('t', `${T}000`), stage: 'time of trade', path: '/t' },
  { name: 't: far future', text: field('t', '9007199254740991'), stage: 'time of trade', path: '/t' },
  badField('s', '""', 'empty'), badField('s', '" "', 'a space'), badField('s', '" A"', 'space first'), badField('s', '"A "', 'space last'),
  badField('s', '"A\\u0000"', 'NUL'), badField('s', '"A\\nB"', 'newline'), badField('s', '"A\\u007f"', 'DEL'), badField('s', '"A\\u0085"', 'C1 control'),
  badField('s', '"\\ud83d"', 'lone high surrogate'), badField('s', '"\\ude80A"', 'lone low surrogate'), badField('s', '"A\\u200dB"', 'joiner'),
  badField('s', '"A\\u2028B"', 'line separator'), badField('s', `"${'A'.repeat(33)}"`, '33 letters'), badField('s', `"${'A'.repeat(300)}"`, '300 letters'),
  { name: 'c: a string', text: field('c', '"1"'), stage: 'trade' }, { name: 'c: numbers', text: field('c', '[1]'), stage: 'trade' },
  { name: 'c: null inside', text: field('c', '["1",null]'), stage: 'trade' }, { name: 'c: an object', text: field('c', '{}'), stage: 'trade' },
  { name: 'price only on the prototype', text: `{"__proto__":{"p":10.5},"s":"BAD","v":1,"t":${T}}`, stage: 'trade', path: '/p' },
  { name: 'everything only on the prototype', text: `{"__proto__":{"p":10.5,"s":"BAD","v":1,"t":${T}}}`, stage: 'trade' },
  notObject('null'), notObject('true'), notObject('42'), notObject('"AAPL"'), notObject('[]'), notObject('{}'), notObject(`[${field('p', '1')}]`, 'a trade in an array'),
  notObject('['.repeat(10_000) + ']'.repeat(10_000), '10,000 nested arrays'),
  { name: '10,000 nested objects in a field', text: field('s', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)), stage: 'trade', path: '/s' },
  notJson('NaN', field('p', 'NaN')), notJson('Infinity', field('p', 'Infinity')), notJson('a plus sign', field('p', '+1')), notJson('hexadecimal', field('p', '0x10')),
  notJson('a leading zero', field('p', '010')), notJson('a bare point', field('p', '.5')), notJson('undefined', field('p', 'undefined')),
  notJson('unquoted keys', `{s:"BAD",p:1,v:1,t:${T}}`), notJson('single quotes', `{'s':'BAD','p':1,'v':1,'t':${T}}`), notJson('a comma too many', `{"s":"BAD","p":1,"v":1,"t":${T},}`),
  notJson('a comment', `/* hi */ {"s":"BAD","p":1,"v":1,"t":${T}}`), notJson('a raw control character in a string', field('s', '"A\tB"')),
  notJson('a wrong escape', field('s', '"\\x41"')), notJson('a bare word', 'hello'), notJson('invalid UTF-8 in the symbol', field('s', '"A\xff\xfeB"')),
  notJson('an overlong encoding', field('s', '"\xc0\xaf"')), notJson('a surrogate in UTF-8', field('s', '"\xed\xa0\xbd"')), notJson('half a code point', field('s', '"A\xe2\x82"')),
  notJson('truncated', '{"s":"BAD","p":10.', true), notJson('an unterminated string', '{"s":"BA', true), notJson('two trades on one line', `${field('p', '1')}${field('p', '1')}`, true),
  notJson('text behind', `${field('p', '1')} x`), notJson('10,000 arrays never closed', '['.repeat(10_000), true), notJson('binary', '\x89PNG\x1a\x01\x93\xfe\xff"{[', true), notJson('a closing bracket', ']', true),
]

/** What must be taken as it is; each is one trade of the symbol named. */
export const ODD_TRADES: readonly { readonly symbol: string; readonly text: string }[] = [
  ...['🚀', '❤️', '👍🏽', '🇨🇭', `'; DROP TABLE bars; --`, '<script>alert(1)</script>', '__proto__', 'constructor', 'hasOwnProperty', 'toString', '贵州茅台', 'أرامكو', 'Nestlé', 'Nestle\u0301',
    'BRK B', '\\"', '../../x', '🚀'.repeat(32), 'A'.repeat(32), '%s', '${x}', '{{x}}', '0', 'null', '-1'].map((symbol) => ({ symbol, text: `{"s":${JSON.stringify(symbol)},"p":10.5,"v":100,"t":${T}}` })),
  { symbol: 'extra __proto__', text: `{"__proto__":{"p":-1,"s":1},"s":"extra __proto__","p":10.5,"v":100,"t":${T}}` },
  { symbol: 'extra constructor', text: `{"constructor":{"prototype":{"p":1}},"s":"extra constructor","p":10.5,"v":100,"t":${T}}` },
  { symbol: 'duplicate keys', text: `{"s":1,"p":-1,"t":0,"s":"duplicate keys","p":10.5,"v":100,"t":${T}}` },
  { symbol: 'deep', text: `{"s":"deep","p":10.5,"v":100,"t":${T},"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}` },
  { symbol: 'spaced', text: `  {\t"s" : "spaced" , "p":10.5 ,"v":100,"t":${T} }  ` },
  { symbol: 'escaped', text: `{"\\u0073":"\\u0065scaped","p":1.05e1,"v":1E2,"t":${T}}` },
  { symbol: 'braces', text: `{"s":"braces","p":10.5,"v":100,"t":${T},"x":"}],{["}` },
  { symbol: 'c null', text: `{"s":"c null","p":10.5,"v":100,"t":${T},"c":null}` },
  { symbol: 'c empty', text: `{"s":"c empty","p":10.5,"v":100,"t":${T},"c":[]}` },
  { symbol: 'whole as a fraction', text: `{"s":"whole as a fraction","p":10.50,"v":100.0,"t":${T}.0}` },
]

/** Where a bad element is stopped: it does not parse, it is no trade, or its time is implausible. */
export type StoppedBy = 'parse' | 'decode' | 'eventTime'

/** One way in which a trade goes wrong in practice. */
export interface BadTrade {
  readonly kind: string
  readonly stoppedBy: StoppedBy
  /** Its text, as Latin-1: one character is one byte of the file. */
  readonly text: (symbol: string, millis: number) => string
}

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const bad = (kind: string, text: BadTrade['text'], stoppedBy: StoppedBy = 'decode'): BadTrade =>
  ({ kind, stoppedBy, text: (symbol, millis) => latin1(text(symbol, millis)) })

const price = (value: string): BadTrade['text'] => (s, t) => `{"c":["1"],"p":${value},"s":"${s}","t":${t},"v":100}`
const volume = (value: string): BadTrade['text'] => (s, t) => `{"c":["1"],"p":10.5,"s":"${s}","t":${t},"v":${value}}`
const symbol = (value: string): BadTrade['text'] => (_, t) => `{"c":["1"],"p":10.5,"s":${value},"t":${t},"v":100}`
const conditions = (value: string): BadTrade['text'] => (s, t) => `{"c":${value},"p":10.5,"s":"${s}","t":${t},"v":100}`
const time = (value: (millis: number) => string): BadTrade['text'] => (s, t) => `{"c":["1"],"p":10.5,"s":"${s}","t":${value(t)},"v":100}`

/**
 * Bad elements that are harmless to their neighbours, in lines and in arrays alike. What tears the text around it
 * (`broken-files.ts`) needs a file of its own.
 */
export const BAD_TRADES: readonly BadTrade[] = [
  bad('symbol missing', (_, t) => `{"p":10.5,"t":${t},"v":100}`),
  bad('price missing', (s, t) => `{"s":"${s}","t":${t},"v":100}`),
  bad('volume missing', (s, t) => `{"p":10.5,"s":"${s}","t":${t}}`),
  bad('time missing', (s) => `{"p":10.5,"s":"${s}","v":100}`),
  bad('price only under __proto__', (s, t) => `{"__proto__":{"p":10.5},"s":"${s}","t":${t},"v":100}`),
  bad('price a string', price('"10.50"')),
  bad('price null', price('null')),
  bad('price zero', price('0')),
  bad('price negative', price('-10.5')),
  bad('price too large', price('1e13')),
  bad('price infinite', price('1e999')),
  bad('price NaN', price('NaN'), 'parse'),
  bad('volume a string', volume('"100"')),
  bad('volume negative', volume('-1')),
  bad('volume too large', volume('1e16')),
  bad('time a string', time((t) => `"${t}"`)),
  bad('time a date text', time((t) => `"${new Date(t).toISOString()}"`)),
  bad('time with a fraction', time((t) => `${t}.5`)),
  bad('time in seconds', time((t) => String(Math.floor(t / 1_000)))),
  bad('time in microseconds', time((t) => `${t}000`), 'eventTime'),
  bad('time negative', time((t) => `-${t}`)),
  bad('symbol a number', symbol('7')),
  bad('symbol empty', symbol('""')),
  bad('symbol between spaces', symbol('" AAPL "')),
  bad('symbol with a control character', symbol('"AA\\u0000PL"')),
  bad('symbol with a lone surrogate', symbol('"\\ud83d"')),
  bad('symbol of 300 characters', symbol(`"${'A'.repeat(300)}"`)),
  bad('conditions a string', conditions('"1"')),
  bad('conditions of numbers', conditions('[1,6]')),
  bad('no object: a number', () => '42'),
  bad('no object: a string', () => '"AAPL"'),
  bad('no object: null', () => 'null'),
  bad('no object: an array', (s, t) => `[{"p":10.5,"s":"${s}","t":${t},"v":100}]`),
  bad('empty object', () => '{}'),
  bad('unquoted keys', (s, t) => `{p:10.5,s:"${s}",t:${t},v:100}`, 'parse'),
  bad('single quotes', (s, t) => `{'p':10.5,'s':'${s}','t':${t},'v':100}`, 'parse'),
  // These bytes are no UTF-8 on their own: not to be encoded again.
  { kind: 'invalid UTF-8', stoppedBy: 'parse', text: (_, t) => `{"p":10.5,"s":"A\xff\xfeB","t":${t},"v":100}` },
]

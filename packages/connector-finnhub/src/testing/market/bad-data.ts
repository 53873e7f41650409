import { Buffer } from 'node:buffer'

/** Where a pipeline that follows Finnhub's rules stops it. @public */
export type StoppedBy = 'source' | 'parse' | 'frame' | 'trade' | 'eventTime'

/** One way in which data goes wrong: a trade among good ones, or a whole frame. @public */
export interface BadKind {
  readonly kind: string
  /** Whether one trade of a frame is bad, or the frame as a whole. */
  readonly what: 'trade' | 'frame'
  readonly stoppedBy: StoppedBy
  /** Made only where it is asked for by name: too large to be common, or bad only by the receiver's clock. */
  readonly onRequest: boolean
  /** Its text, or bytes: of the trade, or of the whole frame. */
  readonly make: (symbol: string, millis: number) => string | Uint8Array
  readonly binary: boolean
}

type Make = (s: string, t: number) => string

const trade = (kind: string, make: Make, stoppedBy: StoppedBy = 'trade', onRequest = false): BadKind =>
  ({ kind, what: 'trade', stoppedBy, onRequest, make, binary: false })

const frame = (kind: string, make: BadKind['make'], stoppedBy: StoppedBy = 'frame', rest: Partial<BadKind> = {}): BadKind =>
  ({ kind, what: 'frame', stoppedBy, onRequest: false, make, binary: false, ...rest })

const price = (value: string): Make => (s, t) => `{"c":["1"],"p":${value},"s":"${s}","t":${t},"v":100}`
const volume = (value: string): Make => (s, t) => `{"c":["1"],"p":10.5,"s":"${s}","t":${t},"v":${value}}`
const symbol = (value: string): Make => (_, t) => `{"c":["1"],"p":10.5,"s":${value},"t":${t},"v":100}`
const conditions = (value: string): Make => (s, t) => `{"c":${value},"p":10.5,"s":"${s}","t":${t},"v":100}`
const time = (value: (millis: number) => string): Make => (s, t) => `{"c":["1"],"p":10.5,"s":"${s}","t":${value(t)},"v":100}`

const good = price('10.5')
const around = (text: string): string => `{"data":[${text}],"type":"trade"}`
/** A frame whose trade tears it: nothing of it parses. */
const torn = (make: Make): Make => (s, t) => around(make(s, t))

const BAD_TRADES: readonly BadKind[] = [
  trade('symbol missing', (_, t) => `{"p":10.5,"t":${t},"v":100}`),
  trade('price missing', (s, t) => `{"s":"${s}","t":${t},"v":100}`),
  trade('volume missing', (s, t) => `{"p":10.5,"s":"${s}","t":${t}}`),
  trade('time missing', (s) => `{"p":10.5,"s":"${s}","v":100}`),
  trade('price only under __proto__', (s, t) => `{"__proto__":{"p":10.5},"s":"${s}","t":${t},"v":100}`),
  trade('price a string', price('"10.50"')),
  trade('price null', price('null')),
  trade('price zero', price('0')),
  trade('price negative', price('-10.5')),
  trade('price too large', price('1e13')),
  trade('price infinite', price('1e999')),
  trade('volume a string', volume('"100"')),
  trade('volume negative', volume('-1')),
  trade('volume too large', volume('1e16')),
  trade('time a string', time((t) => `"${t}"`)),
  trade('time a date text', time((t) => `"${new Date(t).toISOString()}"`)),
  trade('time with a fraction', time((t) => `${t}.5`)),
  trade('time in seconds', time((t) => String(Math.floor(t / 1_000)))),
  trade('time in microseconds', time((t) => `${t}000`), 'eventTime'),
  trade('time negative', time((t) => `-${t}`)),
  trade('time a day ahead', time((t) => String(t + 86_400_000)), 'eventTime', true),
  trade('symbol a number', symbol('7')),
  trade('symbol empty', symbol('""')),
  trade('symbol between spaces', symbol('" AAPL "')),
  trade('symbol with a control character', symbol('"AA\\u0000PL"')),
  trade('symbol with a lone surrogate', symbol('"\\ud83d"')),
  trade('symbol of 300 characters', symbol(`"${'A'.repeat(300)}"`)),
  trade('conditions a string', conditions('"1"')),
  trade('conditions of numbers', conditions('[1,6]')),
  trade('no object: a number', () => '42'),
  trade('no object: a string', () => '"AAPL"'),
  trade('no object: null', () => 'null'),
  trade('no object: an array', (s, t) => `[${good(s, t)}]`),
  trade('empty object', () => '{}'),
]

const NESTING = 10_000
const HUGE_BYTES = 5_000_000
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const BAD_FRAMES: readonly BadKind[] = [
  frame('price NaN', torn(price('NaN')), 'parse'),
  frame('unquoted keys', torn((s, t) => `{p:10.5,s:"${s}",t:${t},v:100}`), 'parse'),
  frame('single quotes', torn((s, t) => `{'p':10.5,'s':'${s}','t':${t},'v':100}`), 'parse'),
  frame('trailing comma', (s, t) => `{"data":[${good(s, t)},],"type":"trade"}`, 'parse'),
  // These bytes are no UTF-8 on their own: not to be encoded again.
  frame('invalid UTF-8', (_, t) => bytesOf(around(`{"p":10.5,"s":"A\xff\xfeB","t":${t},"v":100}`)), 'parse'),
  frame('truncated frame', (s, t) => around(good(s, t)).slice(0, -25), 'parse'),
  frame('frame cut in a string', (s) => `{"data":[{"c":["1"],"p":10.5,"s":"${s.slice(0, 2)}`, 'parse'),
  frame('text after the frame', (s, t) => `${around(good(s, t))} and more`, 'parse'),
  frame('empty frame', () => '', 'parse'),
  frame('no JSON', () => 'Bad gateway', 'parse'),
  frame('10,000 nested arrays', () => `{"data":${'['.repeat(NESTING)}${']'.repeat(NESTING)},"type":"trade"}`),
  frame('10,000 arrays never closed', () => '['.repeat(NESTING), 'parse'),
  frame('binary frame', () => bytesOf('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x00\x01\xfe'), 'source', { binary: true }),
  frame('binary frame of good text', (s, t) => bytesOf(around(good(s, t))), 'source', { binary: true }),
  frame('type unknown', (s, t) => `{"data":[${good(s, t)}],"type":"quote"}`),
  frame('type missing', (s, t) => `{"data":[${good(s, t)}]}`),
  frame('type a number', (s, t) => `{"data":[${good(s, t)}],"type":1}`),
  frame('type only under __proto__', (s, t) => `{"__proto__":{"type":"trade"},"data":[${good(s, t)}]}`),
  frame('data missing', () => '{"type":"trade"}'),
  frame('data null', () => '{"data":null,"type":"trade"}'),
  frame('data an object', (s, t) => `{"data":${good(s, t)},"type":"trade"}`),
  frame('frame null', () => 'null'),
  frame('frame a number', () => '42'),
  frame('frame an array', (s, t) => `[${good(s, t)}]`),
  frame('frame of 5 MB', () => `{"data":"${'x'.repeat(HUGE_BYTES)}","type":"huge"}`, 'frame', { onRequest: true }),
]

/** Every kind of bad data that the market can make; those `onRequest` only where they are named. @public */
export const BAD_KINDS: readonly BadKind[] = [...BAD_TRADES, ...BAD_FRAMES]

/** @throws TypeError if there is no such kind */
export const badKindOf = (name: string): BadKind => {
  const found = BAD_KINDS.find(({ kind }) => kind === name)
  if (found === undefined) throw new TypeError(`badKinds: there is no kind "${name}": take the names from BAD_KINDS`)
  return found
}

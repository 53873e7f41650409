import { Buffer } from 'node:buffer'
import { badKindOf } from '../market/bad-data.js'
import type { RawMessage, Rubbish } from './fault.js'

/** What Finnhub answers to one symbol too many; it does not say which. */
export const TOO_MANY_SYMBOLS = '{"msg":"Subscribing to too many symbols","type":"error"}'

const BAD_TRADES_OF_HUGE = 50_000
const DAY_MILLIS = 86_400_000

const trade = (millis: number): string => `{"c":["1"],"p":10.5,"s":"AAPL","t":${millis},"v":100}`
const around = (trades: string): string => `{"data":[${trades}],"type":"trade"}`
const kind = (name: string, nowMillis: number): RawMessage => {
  const { make, binary } = badKindOf(name)
  return { data: make('AAPL', nowMillis), binary }
}

const MESSAGES: Readonly<Record<Rubbish, (nowMillis: number) => RawMessage>> = {
  binary: (now) => kind('binary frame', now),
  empty: () => '',
  huge: (now) => kind('frame of 5 MB', now),
  hugeOfBadTrades: (now) => around(Array.from({ length: BAD_TRADES_OF_HUGE }, () => `{"c":["1"],"p":-10.5,"s":"AAPL","t":${now},"v":100,"note":"${'n'.repeat(40)}"}`).join(',')),
  invalidUtf8: (now) => ({ data: Buffer.from(around(trade(now).replace('AAPL', 'A\xffPL')), 'latin1'), binary: false }),
  truncated: (now) => around(trade(now)).slice(0, 40),
  unknownType: (now) => kind('type unknown', now),
  nested: (now) => kind('10,000 nested arrays', now),
  tradeADayAhead: (now) => around(trade(now + DAY_MILLIS)),
  news: (now) => `{"data":[{"category":"company","datetime":${Math.floor(now / 1_000)},"headline":"Nothing happened","id":1,"related":"AAPL"}],"type":"news"}`,
  pr: (now) => `{"data":[{"datetime":${Math.floor(now / 1_000)},"headline":"A press release","symbol":"AAPL"}],"type":"pr"}`,
  ping: () => '{"type":"ping"}',
  error: () => '{"msg":"Invalid symbol OANDA:EUR_USD","type":"error"}',
  tooManySymbols: () => TOO_MANY_SYMBOLS,
}

/** The message of that name, for a market whose time is `nowMillis`. */
export const rubbishOf = (what: Rubbish, nowMillis: number): RawMessage => MESSAGES[what](nowMillis)

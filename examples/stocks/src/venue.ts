import { secretRef, type SecretRef } from '@millrace/core'

/** The environment variable of the key, which is read only where it is sent. */
export const KEY_VARIABLE = 'FINNHUB_API_KEY'

/** What an exchange of our own has sent: everything that the live lane must find again. */
export interface Sent {
  /** Good trades with a volume: what must be in the bars. */
  readonly trades: number
  /** Bad things, each a dead letter. */
  readonly bad: number
}

/** Where the demo listens. */
export interface Venue {
  /** For people. */
  readonly name: string
  /** What to expect of it, for people; empty: nothing special. */
  readonly notice: string
  readonly url: string | undefined
  readonly key: SecretRef | undefined
  readonly symbols: readonly string[]
  /** What was sent so far; `undefined` where nobody can know. */
  sent(): Sent | undefined
  close(): Promise<void>
}

/** Opens the place where the demo listens; the same seed gives the same market. */
export type OpenVenue = (seed: number) => Promise<Venue>

/** Stocks, and two coins, which trade at night too. */
const SYMBOLS_OF_FINNHUB: readonly string[] = ['AAPL', 'NVDA', 'MSFT', 'TSLA', 'AMZN', 'META', 'GOOGL', 'AMD', 'NFLX', 'INTC', 'BINANCE:BTCUSDT', 'BINANCE:ETHUSDT']

/** The real one; needs a key. */
export const finnhub: OpenVenue = () => Promise.resolve({
  name: 'Finnhub', notice: '', url: undefined, key: secretRef(KEY_VARIABLE), symbols: SYMBOLS_OF_FINNHUB, sent: () => undefined, close: () => Promise.resolve(),
})

/** So much is sent at once, so that the first bars need no waiting for. */
const HISTORY_MILLIS = 15_000
const TRADES_PER_SECOND = 100
const BAD_SHARE = 0.01
/** About five seconds after the history: the market begins with a burst. */
const DISCONNECT_AFTER_FRAMES = 2_200
const ON_PURPOSE = 'on purpose: the demo drops it once'

/** One in this process, with a market that is invented, bad data in it, and a connection that drops once, which loses nothing. */
export const simulatedExchange: OpenVenue = async (seed) => {
  // Only here: it is for tests and demos.
  const { MARKET_SYMBOLS, startExchange } = await import('@millrace/connector-finnhub/testing')
  const exchange = await startExchange({
    market: { seed, tradesPerSecond: TRADES_PER_SECOND, badShare: BAD_SHARE },
    historyMillis: HISTORY_MILLIS,
    // Counts are enough: a demo may run for days.
    record: 0,
    faults: [{ kind: 'close', code: 1001, reason: ON_PURPOSE, afterFrames: DISCONNECT_AFTER_FRAMES }],
  })
  const { url } = exchange
  return { name: 'a simulated exchange', notice: 'After some seconds the connection is dropped once, on purpose: that is a gap, and loses nothing.', url, key: undefined, symbols: MARKET_SYMBOLS, sent: () => exchange.counts(), close: () => exchange.close() }
}

import type { SecretRef } from '@millrace/core'
import { checkAddress, type Address } from './address.js'

/** When a broken connection is tried again. The wait doubles from one failure to the next, and is varied by ±20 %. @public */
export interface ReconnectOptions {
  /** The first wait, ≥ 1. Default 1,000. */
  readonly initialDelayMillis?: number
  /** The longest wait, before it is varied, ≥ `initialDelayMillis`. Default 60,000. */
  readonly maxDelayMillis?: number
  /** A connection that lived this long begins the waits anew. Default 60,000. */
  readonly stableMillis?: number
}

/** Options of {@link finnhubTrades}. @public */
export interface FinnhubOptions {
  /** As Finnhub spells them: `AAPL`, `BINANCE:BTCUSDT`. At least one; doubled ones count once. */
  readonly symbols: readonly string[]
  /** Where the API key lies, such as `secretRef('FINNHUB_API_KEY')`: read when a read begins. Without one no token is sent. */
  readonly key?: SecretRef
  /** `ws://` or `wss://`, of Finnhub or of what speaks its protocol; a query stays. Default `wss://ws.finnhub.io`. */
  readonly url?: string
  /** A normal close by the server (1000) is the end of the input; otherwise it is connected to again. Default false. */
  readonly untilClosed?: boolean
  /** A connection on which neither a frame nor a ping came for so long, while it was read, is dead. Default 150,000. */
  readonly silenceMillis?: number
  /** For name resolution, connection and upgrade together. Default 10,000. */
  readonly handshakeTimeoutMillis?: number
  /** How long a closing handshake may take before the connection is cut. Default 2,000. */
  readonly closeTimeoutMillis?: number
  /** When a broken connection is tried again; there is no limit to how often. */
  readonly reconnect?: ReconnectOptions
  /** A larger message is not read: the connection is closed (1009), and a failure stands in its place. 1 to 2^30, default 16 MiB. */
  readonly maxFrameBytes?: number
}

/** Finnhub's own endpoint. @public */
export const FINNHUB_URL = 'wss://ws.finnhub.io'

const LARGEST_FRAME_BYTES = 2 ** 30

/** Options with their defaults, checked. */
export interface Settings {
  readonly symbols: readonly string[]
  readonly key: SecretRef | undefined
  readonly address: Address
  readonly untilClosed: boolean
  readonly silenceMillis: number
  readonly handshakeTimeoutMillis: number
  readonly closeTimeoutMillis: number
  readonly reconnect: Readonly<Required<ReconnectOptions>>
  readonly maxFrameBytes: number
}

const millis = (name: string, value: number, least = 1): number => {
  if (Number.isFinite(value) && value >= least) return value
  throw new TypeError(`${name} is ${String(value)}: give a number of milliseconds that is ${least} or more`)
}

const checkSymbols = (symbols: unknown): readonly string[] => {
  if (!Array.isArray(symbols)) throw new TypeError(`symbols is ${String(symbols)}: give a list of symbols, such as ['AAPL']`)
  const known = symbols.map((symbol: unknown, index) => {
    if (typeof symbol === 'string' && symbol !== '') return symbol
    throw new TypeError(`symbols[${index}] is ${JSON.stringify(symbol)}: give a name such as 'AAPL'`)
  })
  if (known.length === 0) throw new TypeError("symbols is empty: give at least one, such as 'AAPL'")
  return Object.freeze([...new Set(known)])
}

const checkKey = (key: SecretRef | undefined): SecretRef | undefined => {
  if (key === undefined) return undefined
  // Not shown: somebody may have put the key itself there.
  if (typeof key.env !== 'string' || key.env === '') throw new TypeError("key is no reference to a secret: use secretRef('FINNHUB_API_KEY')")
  return Object.freeze({ env: key.env })
}

const checkReconnect = (options: ReconnectOptions): Settings['reconnect'] => {
  const initialDelayMillis = millis('reconnect.initialDelayMillis', options.initialDelayMillis ?? 1_000)
  const maxDelayMillis = millis('reconnect.maxDelayMillis', options.maxDelayMillis ?? Math.max(60_000, initialDelayMillis), initialDelayMillis)
  return Object.freeze({ initialDelayMillis, maxDelayMillis, stableMillis: millis('reconnect.stableMillis', options.stableMillis ?? 60_000, 0) })
}

const checkMaxFrameBytes = (bytes: number): number => {
  if (Number.isInteger(bytes) && bytes >= 1 && bytes <= LARGEST_FRAME_BYTES) return bytes
  throw new TypeError(`maxFrameBytes is ${String(bytes)}: use an integer from 1 to ${LARGEST_FRAME_BYTES}`)
}

/** @throws TypeError naming the option that is wrong */
export const checkOptions = (options: FinnhubOptions): Settings => {
  const key = checkKey(options.key)
  return Object.freeze({
    symbols: checkSymbols(options.symbols),
    key,
    address: checkAddress(options.url ?? FINNHUB_URL, key !== undefined),
    untilClosed: options.untilClosed ?? false,
    silenceMillis: millis('silenceMillis', options.silenceMillis ?? 150_000),
    handshakeTimeoutMillis: millis('handshakeTimeoutMillis', options.handshakeTimeoutMillis ?? 10_000),
    closeTimeoutMillis: millis('closeTimeoutMillis', options.closeTimeoutMillis ?? 2_000),
    reconnect: checkReconnect(options.reconnect ?? {}),
    maxFrameBytes: checkMaxFrameBytes(options.maxFrameBytes ?? 16 * 1024 * 1024),
  })
}

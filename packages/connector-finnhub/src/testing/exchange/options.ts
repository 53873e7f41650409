import { type Clock, systemClock } from '@millrace/core'
import type { Fault, RawMessage } from '../faults/fault.js'
import type { MarketFrame } from '../market/frame.js'
import { checkMarket, type MarketOptions } from '../market/options.js'

/** How fast frames are sent. @public */
export type Pace =
  /** As fast as they are read: the sender waits for the socket, never fills it up. */
  | 'max'
  /** So many seconds of the market in a second. Frames without a market's time are sent at once. */
  | { readonly speed: number }
  | { readonly framesPerSecond: number }

/** Options of {@link startExchange}. @public */
export interface ExchangeOptions {
  /** Default 0: any that is free. It listens on 127.0.0.1 only. */
  readonly port?: number
  /** The only token that is let in; others are refused with 401. Default: all are let in. */
  readonly key?: string
  /** Subscriptions a connection may have; one more is answered with an error that names no symbol. Default 50. */
  readonly maxSymbols?: number
  /** The market to play; default: one with its own defaults. */
  readonly market?: MarketOptions
  /** What to send instead of a market, in order, once over all connections. */
  readonly frames?: Iterable<RawMessage | MarketFrame> | AsyncIterable<RawMessage | MarketFrame>
  /** Default: 'max', or `{ speed: 1 }` where `historyMillis` is given. */
  readonly pace?: Pace
  /**
   * For a market in real time: it opens that long before now, what has happened by then is sent at once, and then it goes
   * on at `pace`, never ahead of the real now. Overrules `market.startMillis`; the market's length is then unlimited by default.
   */
  readonly historyMillis?: number
  /** Whether sending begins with a connection, or (default) with its subscriptions: when no more have come for some milliseconds. */
  readonly startOn?: 'subscribe' | 'connect'
  /** Whether a client gets only the symbols that it subscribed to; default true for a market, false for `frames`. */
  readonly filterBySymbol?: boolean
  /** What happens to frames of a market with a `speed` that fall due while nobody is connected: sent late (default), or lost. */
  readonly whileAway?: 'keep' | 'lose'
  /** After the last frame: close with 1000 (default), or stay open in silence. */
  readonly atEnd?: 'close' | 'stayOpen'
  /** What goes wrong; those of one moment in the order given. Default: nothing. */
  readonly faults?: readonly Fault[]
  /** Sends a websocket ping each so many milliseconds. Default: none. */
  readonly pingEveryMillis?: number
  /** Sends a websocket ping behind each so many frames. Default: none. */
  readonly pingEveryFrames?: number
  /** How many messages are kept for `sent()`; default 100,000. */
  readonly record?: number
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** The options with their defaults. */
export type CheckedOptions = Required<Omit<ExchangeOptions, 'key' | 'frames' | 'historyMillis' | 'pingEveryMillis' | 'pingEveryFrames'>>
  & Pick<ExchangeOptions, 'key' | 'frames' | 'historyMillis' | 'pingEveryMillis' | 'pingEveryFrames'>

const check = (name: keyof ExchangeOptions, value: number | undefined, holds: (value: number) => boolean, wanted: string): void => {
  if (value !== undefined && !holds(value)) throw new TypeError(`startExchange: ${name} is ${value}: give ${wanted}`)
}

const checkPace = (pace: Pace): void => {
  if (pace === 'max') return
  const value = 'speed' in pace ? pace.speed : pace.framesPerSecond
  if (!(value > 0 && value < Infinity)) throw new TypeError(`startExchange: pace is ${value}: give a number above 0, or 'max'`)
}

/** @throws TypeError naming the option that is wrong */
export const checkExchange = (given: ExchangeOptions): CheckedOptions => {
  const { frames, historyMillis, port, maxSymbols, pingEveryMillis, pingEveryFrames, record } = given
  if (frames !== undefined && (given.market !== undefined || historyMillis !== undefined)) {
    throw new TypeError('startExchange: frames come instead of a market: leave out market and historyMillis')
  }
  check('port', port, (value) => Number.isInteger(value) && value >= 0 && value <= 65_535, 'a port from 0 to 65535')
  check('maxSymbols', maxSymbols, (value) => value >= 0, '0 or more')
  check('historyMillis', historyMillis, (value) => Number.isSafeInteger(value) && value >= 0, 'whole milliseconds of 0 or more')
  check('pingEveryMillis', pingEveryMillis, (value) => value > 0, 'milliseconds above 0')
  check('pingEveryFrames', pingEveryFrames, (value) => Number.isInteger(value) && value > 0, 'a whole number above 0')
  check('record', record, (value) => value >= 0, '0 or more')
  if (given.market !== undefined) checkMarket(given.market)
  const pace = given.pace ?? (historyMillis === undefined ? 'max' : { speed: 1 })
  checkPace(pace)
  return {
    port: 0, maxSymbols: 50, market: {}, startOn: 'subscribe', filterBySymbol: frames === undefined, whileAway: 'keep',
    atEnd: 'close', faults: [], record: 100_000, clock: systemClock, ...given, pace,
  }
}

import { parseArgs } from 'node:util'
import type { ExchangeOptions } from './exchange/options.js'
import { randomFaults } from './faults/random-faults.js'

/** What the program says to `--help`. */
export const HELP = `millrace-exchange: a simulated exchange that speaks Finnhub's protocol on 127.0.0.1.

  --port N          the port to listen on (default: any that is free)
  --key TOKEN       let in only this token, given as ?token=TOKEN
  --seed N          which market (default 1)
  --seconds N       how long the market is open (default: without an end; at other speeds than 1: 3600)
  --rate N          about how many trades a second of the market (default 50)
  --speed N|max     seconds of the market in a second (default 1: in real time);
                    max: as fast as it is read
  --history N       in real time: seconds of market before now, sent at once (default 15)
  --faults          connections that drop, stall and lie
  --until-end       close with 1000 behind the last frame, and end
  --help            this text

It prints its URL, and ends on SIGINT or SIGTERM.
`

const ARGUMENTS = {
  port: { type: 'string', default: '0' }, key: { type: 'string' }, seed: { type: 'string', default: '1' },
  seconds: { type: 'string' }, rate: { type: 'string', default: '50' }, speed: { type: 'string', default: '1' },
  history: { type: 'string', default: '15' }, faults: { type: 'boolean', default: false },
  'until-end': { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
} as const

const DEFAULT_SECONDS = 3_600

const numberOf = (name: string, text: string): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value) || value < 0) throw new TypeError(`--${name} ${text}: give a number of 0 or more`)
  return value
}

/** What the program's arguments ask for: help, or an exchange, and whether the program ends with the market. */
export type MainOptions = 'help' | { readonly exchange: ExchangeOptions, readonly endsWithMarket: boolean }

/**
 * Reads the program's arguments.
 * @param nowMillis a market that is not in real time ends about now, so that no trade is ever ahead of the clock
 * @throws TypeError naming the argument that is wrong
 */
export const parseMain = (args: readonly string[], nowMillis: number): MainOptions => {
  const { values } = parseArgs({ args: [...args], options: ARGUMENTS, strict: true })
  if (values.help) return 'help'
  const seed = numberOf('seed', values.seed)
  const market = { seed, tradesPerSecond: numberOf('rate', values.rate) }
  const seconds = values.seconds === undefined ? undefined : numberOf('seconds', values.seconds)
  const endsWithMarket = values['until-end']
  const common: ExchangeOptions = {
    port: numberOf('port', values.port), atEnd: endsWithMarket ? 'close' : 'stayOpen', record: 0,
    ...(values.key === undefined ? {} : { key: values.key }), ...(values.faults ? { faults: randomFaults(seed) } : {}),
  }
  const exchange = values.speed === '1'
    ? inRealTime(common, market, numberOf('history', values.history), seconds)
    : fromThePast(common, market, values.speed, seconds ?? DEFAULT_SECONDS, nowMillis)
  return { exchange, endsWithMarket }
}

type Market = NonNullable<ExchangeOptions['market']>

const inRealTime = (common: ExchangeOptions, market: Market, history: number, seconds: number | undefined): ExchangeOptions =>
  ({ ...common, historyMillis: Math.round(history * 1_000), pace: { speed: 1 }, market: seconds === undefined ? market : { ...market, millis: seconds * 1_000 } })

const fromThePast = (common: ExchangeOptions, market: Market, speed: string, seconds: number, nowMillis: number): ExchangeOptions => ({
  ...common,
  pace: speed === 'max' ? 'max' : { speed: numberOf('speed', speed) },
  market: { ...market, millis: seconds * 1_000, startMillis: Math.floor(nowMillis - seconds * 1_000) },
})

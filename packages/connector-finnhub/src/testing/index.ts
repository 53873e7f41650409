/**
 * A simulated exchange that speaks Finnhub's protocol over a real websocket, and the invented market that it plays.
 * @packageDocumentation
 */
export { type Exchange, startExchange } from './exchange/exchange.js'
export type { ExchangeOptions, Pace } from './exchange/options.js'
export type { ExchangeCounts, SentFrame } from './exchange/tally.js'
export { randomFaults } from './faults/random-faults.js'
export type { Drop, Fault, FaultAttempts, FaultMoment, LineFault, RawMessage, Rubbish, StandingFault, UpgradeFault } from './faults/fault.js'
export { simulatedMarket } from './market/market.js'
export type { MarketOptions } from './market/options.js'
export { type MarketFrame, type MarketTrade, onlySymbols, type PlantedTrade } from './market/frame.js'
export { MARKET_SYMBOLS } from './market/symbols.js'
export { BAD_KINDS, type BadKind, type StoppedBy } from './market/bad-data.js'

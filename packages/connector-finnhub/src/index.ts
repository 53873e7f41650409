/**
 * Finnhub's websocket trades as a source.
 * @packageDocumentation
 */
export { finnhubTrades } from './finnhub-trades.js'
export { FinnhubOffset } from './offset.js'
export { FINNHUB_URL, type FinnhubOptions, type ReconnectOptions } from './options.js'

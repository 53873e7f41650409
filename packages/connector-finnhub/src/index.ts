/**
 * Finnhub's websocket trades as a source.
 * @packageDocumentation
 */
export {}

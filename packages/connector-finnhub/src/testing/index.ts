/**
 * A simulated exchange that speaks Finnhub's protocol over a real websocket.
 * @packageDocumentation
 */
export {}

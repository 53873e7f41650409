import { type ExchangeOptions, type Exchange, startExchange } from '@millrace/connector-finnhub/testing'
import { WebSocket } from 'ws'

/** What a raw client has seen of an exchange. */
export interface Client {
  readonly websocket: WebSocket
  /** Messages as they came: text as a string (invalid UTF-8 as U+FFFD), binary as `binary:` and base64. */
  readonly received: string[]
  /** The close code, when the connection is gone; the error's text comes before it. */
  readonly closed: Promise<{ readonly code: number, readonly error: string | undefined }>
  subscribe(...symbols: readonly string[]): void
}

const textOf = (data: WebSocket.RawData, isBinary: boolean): string => {
  const bytes = Buffer.from(data as Buffer) // as: what ws gives where binaryType is the default
  return isBinary ? `binary:${bytes.toString('base64')}` : bytes.toString()
}

/** Connects as Finnhub's clients do. Resolves at once: `once(client.websocket, 'open')` waits for the connection. */
export const connect = (url: string, options: WebSocket.ClientOptions = {}): Client => {
  const websocket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true, ...options })
  const received: string[] = []
  let error: string | undefined
  websocket.on('error', (thrown) => { error = thrown.message })
  websocket.on('message', (data, isBinary) => received.push(textOf(data, isBinary)))
  // Not `once(…, 'close')`: that rejects on an error, and here an error is something to be seen.
  const closed = new Promise<Awaited<Client['closed']>>((resolve) => websocket.once('close', (code) => resolve({ code, error })))
  const subscribe = (...symbols: readonly string[]): void => symbols.forEach((symbol) => websocket.send(JSON.stringify({ type: 'subscribe', symbol })))
  return { websocket, received, closed, subscribe }
}

/** Connects, subscribes, and reads until the connection ends. */
export const readAll = async (url: string, symbols: readonly string[] = ['AAPL']): Promise<{ readonly code: number, readonly error: string | undefined, readonly received: readonly string[] }> => {
  const client = connect(url)
  client.websocket.once('open', () => client.subscribe(...symbols))
  return { ...(await client.closed), received: client.received }
}

/** Runs a test against an exchange that is closed behind it. */
export const withExchange = async (options: ExchangeOptions, use: (exchange: Exchange) => Promise<void>): Promise<void> => {
  const exchange = await startExchange(options)
  try {
    await use(exchange)
  } finally {
    await exchange.close()
  }
}

/** Resolves when `holds`, looking again after each message or a few milliseconds; rejects after some seconds. */
export const until = async (what: string, holds: () => boolean): Promise<void> => {
  const deadline = Date.now() + 10_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`in vain waited for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Frames that are told apart by their number. */
export const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `{"data":[{"c":["1"],"p":${i + 1},"s":"AAPL","t":${1_726_147_800_000 + i},"v":1}],"type":"trade"}`)

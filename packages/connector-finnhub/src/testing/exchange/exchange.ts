import { systemClock } from '@millrace/core'
import { drop } from '../faults/befall.js'
import type { Drop } from '../faults/fault.js'
import { PendingFaults } from '../faults/pending.js'
import { Lines } from './lines.js'
import { checkExchange, type ExchangeOptions } from './options.js'
import { Sender } from './sender.js'
import { type ListeningServer, listenForClients } from './server.js'
import { type ExchangeCounts, type SentFrame, Tally } from './tally.js'

/** A simulated exchange that is running. @public */
export interface Exchange {
  /** `ws://127.0.0.1:PORT`: clients add `?token=KEY`. */
  readonly url: string
  readonly port: number
  /**
   * Resolves when everything has been sent, or when the exchange is closed before that; rejects where `frames` threw (the
   * connection is then closed with 1011).
   */
  readonly done: Promise<void>
  /** Connections accepted so far. */
  connections(): number
  /** Connections that are open now. */
  open(): number
  /** Every message that was handed to a connection, in order. @throws RangeError when more were sent than are kept (`record`) */
  sent(): readonly SentFrame[]
  /** Good trades with a volume that were sent; known of a market's frames only. */
  sentTrades(): number
  counts(): ExchangeCounts
  /** What the open connections have subscribed to, in the order of subscription. */
  subscriptions(): readonly string[]
  /**
   * For each websocket ping that was answered, how many messages had been sent before it: those of `sent()` with a smaller
   * index and the same connection had arrived by then.
   */
  pongs(): readonly number[]
  /** Sends a websocket ping on every open connection. */
  ping(): void
  /** What is written and not yet taken by the system's socket, of the open connections. */
  bufferedBytes(): number
  /** Drops every connection that is open now. Resolves when that is done: where what was sent leaves first, then. */
  drop(how: Drop): Promise<void>
  /** Ends all connections (with 1001, where the client is well) and frees the port. May be called again. */
  close(): Promise<void>
}

/** How long a client may take to answer the last close. */
const FAREWELL_MILLIS = 200

const sayGoodbye = async (lines: Lines): Promise<void> => {
  const open = lines.all.filter((line) => line.isOpen && !line.isSilent)
  for (const line of open) line.close(1001, 'the exchange closes')
  await Promise.all(open.map((line) => systemClock.sleep(FAREWELL_MILLIS, line.ended).catch(() => undefined)))
  for (const line of lines.all) line.cut()
}

const exchangeOf = (server: ListeningServer, lines: Lines, sender: Sender, tally: Tally): Exchange => {
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    sender.stop()
    await server.close(() => sayGoodbye(lines))
  }
  return {
    url: `ws://127.0.0.1:${server.port}`,
    port: server.port,
    done: sender.done,
    connections: () => lines.accepted,
    open: () => lines.all.length,
    sent: () => tally.sent(),
    sentTrades: () => tally.trades,
    counts: () => tally.counts(),
    subscriptions: () => [...new Set(lines.all.flatMap(({ subscriptions }) => [...subscriptions]))],
    pongs: () => [...tally.pongs],
    ping: () => lines.all.forEach((line) => line.ping()),
    bufferedBytes: () => lines.all.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0),
    drop: async (how) => { await Promise.all(lines.all.map((line) => drop(line, how))) },
    close: () => (closing ??= close()),
  }
}

/**
 * Starts a simulated exchange on loopback: a real websocket server that speaks Finnhub's protocol, plays an invented market
 * or the frames that it is given, at a chosen pace, and fails in the ways that it is told. Frames are sent once over all
 * connections, each to the newest connection that is ready; so what one client receives over its reconnects is the whole.
 * @throws TypeError where an option is wrong; Error where the port is taken
 * @example
 * ```ts
 * const exchange = await startExchange({ market: { seed: 7, millis: 60_000 } })
 * // … let a client read from exchange.url …
 * await exchange.close()
 * ```
 * @public
 */
export const startExchange = async (options: ExchangeOptions = {}): Promise<Exchange> => {
  const checked = checkExchange(options)
  const faults = new PendingFaults(checked.faults)
  const tally = new Tally(checked.record)
  const lines = new Lines(checked, faults, tally, () => sender.look())
  const sender = new Sender(checked, faults, tally, () => lines.ready())
  try {
    return exchangeOf(await listenForClients(checked, faults, tally, lines), lines, sender, tally)
  } catch (error) {
    sender.stop()
    throw error
  }
}

import type { MarketFrame } from '../market/frame.js'
import type { Outgoing } from './feed.js'

/** A message that was handed to a connection. @public */
export interface SentFrame {
  /** Which connection, from 1. */
  readonly connection: number
  readonly data: string | Uint8Array
  readonly binary: boolean
  /** Whether it had been sent before: a resent frame. */
  readonly again: boolean
  /** What it is, if it is of a market: as the client sees it, with its own symbols only. */
  readonly frame: MarketFrame | undefined
  readonly sentAtMillis: number
}

/**
 * What an exchange has sent and done. What was handed to a connection counts as sent, also where a connection that drops
 * takes it along; frames that are sent again count again. Trades are known of a market's frames only.
 * @public
 */
export interface ExchangeCounts {
  /** Messages of every kind: what `sent()` lists. */
  readonly messages: number
  /** Messages of the market or of `frames`, each once. */
  readonly frames: number
  /** Good trades with a volume. */
  readonly trades: number
  /** Good trades of volume 0. */
  readonly priceUpdates: number
  /** Bad things: each is one dead letter. */
  readonly bad: number
  readonly badByKind: Readonly<Record<string, number>>
  /** Frames of which a client had subscribed to nothing. */
  readonly filtered: number
  /** Frames that fell due while nobody was connected, and were not kept. */
  readonly lost: number
  /** Requests for a connection, refused ones too. */
  readonly attempts: number
  /** How often the sender waited for a socket that was full. */
  readonly waits: number
}

type Counter = 'frames' | 'filtered' | 'lost' | 'attempts' | 'waits'

/** Counts, and keeps, what is sent. */
export class Tally {
  readonly #most: number
  readonly #sent: SentFrame[] = []
  readonly #badByKind: Record<string, number> = {}
  readonly #counts = { messages: 0, frames: 0, trades: 0, priceUpdates: 0, bad: 0, filtered: 0, lost: 0, attempts: 0, waits: 0 }
  /** For each websocket ping that was answered, how many messages had been sent before it. */
  readonly pongs: number[] = []

  /** @param most messages to keep */
  constructor(most: number) {
    this.#most = most
  }

  count(what: Counter): void {
    this.#counts[what] += 1
  }

  counts(): ExchangeCounts {
    return { ...this.#counts, badByKind: { ...this.#badByKind } }
  }

  /** Messages sent so far. */
  get messages(): number {
    return this.#counts.messages
  }

  get frames(): number {
    return this.#counts.frames
  }

  get trades(): number {
    return this.#counts.trades
  }

  addMessage(connection: number, { data, binary, frame }: Outgoing, again: boolean, sentAtMillis: number): void {
    this.#counts.messages += 1
    if (frame !== undefined) this.#addContent(frame)
    if (this.#counts.messages <= this.#most) this.#sent.push({ connection, data, binary, again, frame, sentAtMillis })
  }

  /** @throws RangeError when more were sent than are kept: a part would look like the whole */
  sent(): readonly SentFrame[] {
    if (this.#counts.messages > this.#most) throw new RangeError(`sent(): ${this.#counts.messages} messages were sent, ${this.#most} are kept: raise the option record, or use counts()`)
    return [...this.#sent]
  }

  #addContent({ trades, bad }: MarketFrame): void {
    for (const { v } of trades) {
      if (v === 0) this.#counts.priceUpdates += 1
      else this.#counts.trades += 1
    }
    if (bad === undefined) return
    this.#counts.bad += 1
    this.#badByKind[bad] = (this.#badByKind[bad] ?? 0) + 1
  }
}

import type { Socket } from 'node:net'
import { type Clock, systemClock } from '@millrace/core'
import { WebSocket } from 'ws'
import { rawFrame } from '../faults/raw-frame.js'
import type { Outgoing } from './feed.js'
import type { Tally } from './tally.js'

/** What waits in the socket's buffer at most before the sender waits too. */
const MOST_BUFFERED_BYTES = 262_144

/** How long a client may take to read what was sent, before its connection ends anyway. */
const FLUSHED_WITHIN_MILLIS = 1_000

/** What a connection is made of. */
export interface LineParts {
  readonly number: number
  readonly token: string | undefined
  readonly websocket: WebSocket
  /** The TCP connection below it, for faults that websockets cannot express. */
  readonly socket: Socket
  readonly clock: Clock
  readonly tally: Tally
}

/** One client's connection, as the sender sees it. */
export class Line {
  readonly number: number
  readonly token: string | undefined
  readonly subscriptions = new Set<string>()
  readonly #parts: LineParts
  readonly #ended = new AbortController()
  /** Frames of the feed that were sent on it. */
  frames = 0
  /** Whether the client wants frames now. */
  isReady = false
  #isSilent = false
  #answersPings = true
  #release: (() => void) | undefined

  constructor(parts: LineParts) {
    this.#parts = parts
    this.number = parts.number
    this.token = parts.token
    parts.websocket.once('close', () => this.#ended.abort())
  }

  /** Aborted when the connection is gone. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  get canSend(): boolean {
    return this.isReady && !this.#isSilent && this.isOpen
  }

  /** Nothing is sent any more, although it may be open. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  get answersPings(): boolean {
    return this.#answersPings
  }

  /** From now on nothing is sent, and perhaps not even pings are answered. */
  silence(answersPings = true): void {
    this.#isSilent = true
    this.#answersPings = answersPings
    this.release()
  }

  /** Lets go who waits for `drained`. */
  release(): void {
    this.#release?.()
  }

  get isOpen(): boolean {
    return this.#parts.websocket.readyState === WebSocket.OPEN
  }

  get bufferedBytes(): number {
    return this.#parts.websocket.bufferedAmount
  }

  get hasRoom(): boolean {
    return this.bufferedBytes < MOST_BUFFERED_BYTES
  }

  /** Sends a message, and counts it. */
  send(message: Outgoing, again = false): void {
    this.#count(message, again)
    this.#parts.websocket.send(message.data, { binary: message.binary })
  }

  /** Sends a message in fragments, with a ping in the middle of it. */
  sendFragments(message: Outgoing, pieces: number): void {
    this.#count(message, false)
    const { websocket } = this.#parts
    const bytes = Buffer.from(message.data)
    const step = Math.max(1, Math.ceil(bytes.length / pieces))
    for (let from = 0; from < bytes.length || from === 0; from += step) {
      if (from > 0) this.ping()
      websocket.send(bytes.subarray(from, from + step), { binary: message.binary, fin: from + step >= bytes.length })
    }
  }

  /** Sends a message byte by byte. Gives up when the connection is gone. */
  async drip(message: Outgoing, everyMillis: number): Promise<void> {
    const { clock, socket } = this.#parts
    this.#count(message, false)
    for (const byte of rawFrame(message.data, message.binary)) {
      socket.write(Uint8Array.of(byte))
      await clock.sleep(everyMillis, this.ended)
    }
  }

  /** Sends half of a message and ends the TCP connection. */
  async half(message: Outgoing): Promise<void> {
    const bytes = rawFrame(message.data, message.binary)
    this.#parts.socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)))
    await this.terminate()
  }

  /** A ping that carries how many messages were sent before it. */
  ping(): void {
    if (this.isOpen && !this.#isSilent) this.#parts.websocket.ping(String(this.#parts.tally.messages))
  }

  close(code: number, reason?: string): void {
    this.silence()
    // Of the prototype: the connection's own may have been taken away by `ignoreClose`.
    WebSocket.prototype.close.call(this.#parts.websocket, code, reason)
  }

  /** Ends the TCP connection without a closing handshake, behind what was sent; a client that does not read loses some of it. */
  async terminate(): Promise<void> {
    this.silence()
    await Promise.race([this.#flushed(), systemClock.sleep(FLUSHED_WITHIN_MILLIS, this.ended).catch(() => undefined)])
    this.#parts.websocket.terminate()
  }

  /** Ends it at once, whatever was sent. */
  cut(): void {
    this.silence()
    this.#parts.websocket.terminate()
  }

  reset(): void {
    this.silence()
    this.#parts.socket.resetAndDestroy()
  }

  /** Stays open, reads nothing, sends nothing. */
  freeze(): void {
    this.silence()
    this.#parts.websocket.pause()
  }

  /** Resolves when the socket's buffer is empty, the connection is gone, or it is released: look again. */
  drained(): Promise<void> {
    const { socket } = this.#parts
    return new Promise((resolve) => {
      if (socket.destroyed || !socket.writableNeedDrain) return resolve()
      const done = (): void => {
        socket.off('drain', done).off('close', done)
        this.#release = undefined
        resolve()
      }
      this.#release = done
      socket.once('drain', done).once('close', done)
    })
  }

  #flushed(): Promise<void> {
    const { socket } = this.#parts
    return new Promise((resolve) => {
      if (socket.destroyed) return resolve()
      socket.once('close', resolve)
      // Written behind everything else: its callback says that all of it has left.
      socket.write('', () => {
        socket.off('close', resolve)
        resolve()
      })
    })
  }

  #count(message: Outgoing, again: boolean): void {
    this.#parts.tally.addMessage(this.number, message, again, this.#parts.clock.now())
  }
}

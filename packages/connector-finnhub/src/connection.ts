import type { AwakeTime } from '@millrace/core'
import { WebSocket, type ClientOptions } from 'ws'
import { explainClose, explainError, isOversized } from './connection-end.js'
import type { Settings } from './options.js'
import type { Sayable } from './sayable.js'

/** What a connection tells. Nothing is told after `cut`. */
export interface ConnectionListener {
  opened(atMillis: number): void
  frame(bytes: Buffer, isBinary: boolean, atMillis: number): void
  /** The pong goes out when this has returned. */
  pinged(atMillis: number): void
  /** After the frames of one read from the socket. */
  turnEnded(): void
  /** A frame larger than the limit came; the connection is being closed. */
  oversized(message: string, atMillis: number): void
}

/** How a connection ended: once its socket is really closed. */
export interface ConnectionEnd {
  /** For people. */
  readonly reason: string
  /** The server closed it with 1000. */
  readonly isNormal: boolean
  /** How long it was open; 0: it never was. */
  readonly openMillis: number
  /** What the server answered instead of opening a websocket. */
  readonly answer?: { readonly status: number; readonly retryAfter: string | undefined }
}

/** The option is not in the types of `ws` yet. */
type Options = ClientOptions & { readonly closeTimeout: number }

/** Pongs that wait because the server does not read: more than any server needs, and far from filling the memory. */
const MOST_UNSENT_BYTES = 1_048_576

/** One websocket, from the first packet until its socket is closed. */
export class Connection {
  readonly ended: Promise<ConnectionEnd>
  readonly #socket: WebSocket
  readonly #over = new AbortController()
  /** The first thing that went wrong: what follows from it says less. */
  #reason: string | undefined
  #answer: ConnectionEnd['answer']
  #openedAtMillis: number | undefined
  /** For the watchdog: a process that slept has heard nothing, and that says nothing about the server. */
  #heardAwakeMillis = 0
  #turnMillis: number | undefined

  /** @param href holds the key: it goes nowhere but into the request */
  constructor(
    href: string,
    readonly settings: Settings,
    readonly awake: AwakeTime,
    readonly sayable: Sayable,
    readonly listener: ConnectionListener,
  ) {
    const options: Options = {
      // Compression divides the rate of reading by 40; bytes are checked where they are parsed; pongs wait for what came before the ping.
      perMessageDeflate: false, skipUTF8Validation: true, autoPong: false, followRedirects: false,
      maxPayload: settings.maxFrameBytes, closeTimeout: settings.closeTimeoutMillis,
    }
    this.#socket = new WebSocket(href, options)
    this.ended = new Promise((resolve) => this.#listen(resolve))
    void this.#limitHandshake()
  }

  get isPaused(): boolean {
    return this.#socket.isPaused
  }

  send(text: string): void {
    this.#socket.send(text, () => undefined)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#heardAwakeMillis = this.awake.millis
    this.#socket.resume()
  }

  /** Takes leave: what comes until the server has answered is still told. */
  leave(): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#drop('left before it was open')
    else this.#socket.close(1000)
  }

  /** At once, and nothing is told any more. */
  cut(): void {
    this.#over.abort()
    this.#socket.terminate()
  }

  #drop(reason: string): void {
    this.#reason ??= reason
    this.#socket.terminate()
  }

  #listen(resolve: (end: ConnectionEnd) => void): void {
    this.#socket.on('open', () => this.#opened())
    this.#socket.on('message', (data, isBinary) => this.#message(data as Buffer, isBinary)) // as: binaryType is nodebuffer, the default
    this.#socket.on('ping', (data) => this.#ping(data))
    this.#socket.on('unexpected-response', (_request, { statusCode = 0, headers }) => {
      this.#answer = { status: statusCode, retryAfter: headers['retry-after'] }
      // With a listener for it, `ws` itself does nothing any more about this connection.
      this.#drop(`the server answered HTTP ${statusCode} instead of opening a websocket`)
    })
    this.#socket.on('error', (error) => this.#failed(error))
    this.#socket.on('close', (code, reason) => resolve(this.#closed(code, reason)))
  }

  #opened(): void {
    if (this.#over.signal.aborted) return
    this.#openedAtMillis = this.awake.clock.now()
    this.#heardAwakeMillis = this.awake.millis
    void this.#watchSilence()
    this.listener.opened(this.#openedAtMillis)
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (this.#over.signal.aborted) return
    this.listener.frame(data, isBinary, this.#now())
  }

  #ping(data: Buffer): void {
    if (this.#over.signal.aborted) return
    this.listener.pinged(this.#now())
    if (this.#socket.bufferedAmount > MOST_UNSENT_BYTES) return this.#drop('the server asks for pongs and does not read them')
    this.#socket.pong(data, undefined, () => undefined)
  }

  /** The clock, looked at once for all that one read of the socket brought. */
  #now(): number {
    if (this.#turnMillis !== undefined) return this.#turnMillis
    queueMicrotask(() => {
      this.#turnMillis = undefined
      if (!this.#over.signal.aborted) this.listener.turnEnded()
    })
    this.#heardAwakeMillis = this.awake.millis
    this.#turnMillis = this.awake.clock.now()
    return this.#turnMillis
  }

  #failed(error: Error): void {
    if (this.#over.signal.aborted) return
    const isFirst = this.#reason === undefined
    this.#reason ??= explainError(error, this.settings, this.sayable)
    if (isFirst && isOversized(error)) this.listener.oversized(this.#reason, this.#now())
  }

  #closed(code: number, reason: Buffer): ConnectionEnd {
    const openMillis = this.#openedAtMillis === undefined ? 0 : Math.max(1, this.awake.clock.now() - this.#openedAtMillis)
    const answer = this.#answer === undefined ? {} : { answer: this.#answer }
    // The code of a closing handshake is known only if it came whole, and nothing can go wrong behind it.
    const isNormal = code === 1000
    this.#turnEnds()
    this.#over.abort()
    return { reason: this.#reason ?? explainClose(code, reason, this.sayable), isNormal, openMillis, ...answer }
  }

  /** What was read in the same turn as the close, such as what a paused socket still held, is told before the end. */
  #turnEnds(): void {
    if (this.#turnMillis !== undefined && !this.#over.signal.aborted) this.listener.turnEnded()
  }

  /** By our own clock: the time-out of `ws` begins anew with every byte of an answer that only trickles in. */
  async #limitHandshake(): Promise<void> {
    const millis = this.settings.handshakeTimeoutMillis
    if (!(await this.#passes(millis)) || this.#openedAtMillis !== undefined) return
    this.#drop(`the opening handshake was not done within ${millis} ms`)
  }

  /** Frames and pings count, single bytes do not. While the socket is paused nobody can tell, so no time passes. */
  async #watchSilence(): Promise<void> {
    const { silenceMillis } = this.settings
    for (let left = silenceMillis; await this.#passes(left); ) {
      left = this.isPaused ? silenceMillis : Math.min(silenceMillis, this.#heardAwakeMillis + silenceMillis - this.awake.millis)
      if (left <= 0) return this.#drop(`nothing came for ${silenceMillis} ms`)
    }
  }

  /** False: it was over before. */
  #passes(millis: number): Promise<boolean> {
    return this.awake.clock.sleep(millis, this.#over.signal).then(() => true, () => false)
  }
}

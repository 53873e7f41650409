import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { PendingFaults } from '../faults/pending.js'
import { handleMessage } from './client-messages.js'
import { Line } from './line.js'
import type { CheckedOptions } from './options.js'
import type { Tally } from './tally.js'

/** Subscriptions come one by one: sending begins when no more have come for so long. */
const SETTLED_AFTER_MILLIS = 10

/** The token of a request: Finnhub takes it from the query only. */
export const tokenOf = (request: IncomingMessage): string | undefined =>
  new URLSearchParams(/\?(.*)$/.exec(request.url ?? '')?.[1]).get('token') ?? undefined

/** The connections that are open. */
export class Lines {
  readonly #options: CheckedOptions
  readonly #faults: PendingFaults
  readonly #tally: Tally
  readonly #changed: () => void
  readonly #lines = new Set<Line>()
  readonly #settling = new Set<Line>()
  #accepted = 0

  /** @param changed called when another connection may be ready */
  constructor(options: CheckedOptions, faults: PendingFaults, tally: Tally, changed: () => void) {
    this.#options = options
    this.#faults = faults
    this.#tally = tally
    this.#changed = changed
  }

  get all(): readonly Line[] {
    return [...this.#lines]
  }

  /** Connections accepted so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** The newest one that wants frames. */
  ready(): Line | undefined {
    return this.all.findLast((line) => line.canSend)
  }

  add(websocket: WebSocket, socket: Socket, request: IncomingMessage): void {
    const { clock } = this.#options
    const line = new Line({ number: ++this.#accepted, token: tokenOf(request), websocket, socket, clock, tally: this.#tally })
    const others = this.all.filter(({ token, isSilent }) => token === line.token && !isSilent)
    this.#lines.add(line)
    this.#listen(line, websocket)
    if (this.#faults.kicksBoth && others.length > 0) return [...others, line].forEach((each) => each.cut())
    if (this.#faults.ignoresClose(line.number)) websocket.close = () => undefined
    if (this.#options.startOn === 'connect') this.#start(line)
    void this.#pingRegularly(line)
  }

  #listen(line: Line, websocket: WebSocket): void {
    websocket.on('message', (data, isBinary) => {
      if (isBinary || !handleMessage(line, data.toString(), this.#options.maxSymbols)) return
      if (this.#options.startOn === 'subscribe') void this.#startWhenSettled(line)
    })
    websocket.on('ping', (payload) => {
      if (line.isOpen && line.answersPings) websocket.pong(payload)
    })
    websocket.on('pong', (payload) => {
      if (payload.length > 0) this.#tally.pongs.push(Number(payload.toString()))
    })
    // A client that breaks off or sends what is no websocket: `close` follows, and that is all there is to do.
    websocket.on('error', () => undefined)
    websocket.on('close', () => {
      this.#lines.delete(line)
      this.#changed()
    })
  }

  #start(line: Line): void {
    line.isReady = true
    this.#changed()
  }

  async #startWhenSettled(line: Line): Promise<void> {
    if (line.isReady || this.#settling.has(line)) return
    this.#settling.add(line)
    try {
      for (let seen = -1; seen !== line.subscriptions.size;) {
        seen = line.subscriptions.size
        await this.#options.clock.sleep(SETTLED_AFTER_MILLIS, line.ended)
      }
      if (line.subscriptions.size > 0) this.#start(line)
    } catch {
      // The connection is gone.
    } finally {
      this.#settling.delete(line)
    }
  }

  async #pingRegularly(line: Line): Promise<void> {
    const { pingEveryMillis, clock } = this.#options
    if (pingEveryMillis === undefined) return
    try {
      for (;;) {
        await clock.sleep(pingEveryMillis, line.ended)
        line.ping()
      }
    } catch {
      // The connection is gone.
    }
  }
}

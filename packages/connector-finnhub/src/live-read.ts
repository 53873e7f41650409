import { AwakeTime, resolveSecret, type Failure, type Gap, type SourceBatch, type SourceContext } from '@millrace/core'
import type { Subscriber, Subscription } from 'rxjs'
import { addressWith } from './address.js'
import { Connection, type ConnectionEnd, type ConnectionListener } from './connection.js'
import { FrameBatch } from './frame-batch.js'
import { takeKey, type KeyLease } from './keys-in-use.js'
import type { FinnhubOffset } from './offset.js'
import type { Settings } from './options.js'
import { parseRetryAfter, ReconnectDelay } from './reconnect-delay.js'
import { refusalOf } from './refusal.js'
import { sayableWithout, type Sayable } from './sayable.js'
import { Subscriptions } from './subscriptions.js'

/** Past this, the frames of a turn are given without waiting for its end. */
const MOST_BATCH_BYTES = 262_144

const binary: Failure = { _tag: 'BinaryFrame', code: 'InvalidArgument', message: 'a binary message: Finnhub sends text' }

/** One subscription: connections one after the other, until it is ended. */
export class LiveRead implements ConnectionListener {
  readonly #delay: ReconnectDelay
  readonly #batch = new FrameBatch()
  /** Aborted when nothing is to be waited for any more. */
  readonly #leaving = new AbortController()
  #connection: Connection | undefined
  #lease: KeyLease | undefined
  #credit: Subscription | undefined
  #sayable: Sayable = sayableWithout([])
  /** Of the open connection. */
  #subscriptions: Subscriptions | undefined
  #isPaused = false
  #unpause: () => void = () => undefined
  #next: number
  #heardAtMillis: number
  readonly #awake: AwakeTime
  /** Since when nothing has come, on a connection that is read; in the time that this process is awake. */
  #quietSinceMillis: number | undefined
  /** Told when the next connection opens. */
  #gap: Omit<Gap, 'toMillis'> | undefined

  constructor(
    readonly settings: Settings,
    readonly context: SourceContext,
    readonly subscriber: Subscriber<SourceBatch<Uint8Array, FinnhubOffset>>,
    after: FinnhubOffset | undefined,
  ) {
    this.#awake = new AwakeTime(context.clock)
    this.#delay = new ReconnectDelay(settings.reconnect, context.random)
    this.#next = after?.next ?? 0
    this.#heardAtMillis = after?.receivedAtMillis ?? 0
    if (after !== undefined) this.#gap = { fromMillis: after.receivedAtMillis, reason: 'restarted' }
  }

  start(): void {
    const { signal, ending, credit, listening } = this.context
    if (signal.aborted) return this.subscriber.error(signal.reason)
    signal.addEventListener('abort', this.#abort)
    ending.addEventListener('abort', this.#leave)
    if (ending.aborted) this.#leaving.abort()
    listening(false)
    void this.#awake.watch(this.#leaving.signal)
    this.#credit = credit.paused$.subscribe((isPaused) => this.#setPaused(isPaused))
    this.#run().then(
      () => this.subscriber.complete(),
      (error: unknown) => this.subscriber.error(error),
    )
  }

  /** At every end, and when it is unsubscribed. */
  stop(): void {
    this.context.signal.removeEventListener('abort', this.#abort)
    this.context.ending.removeEventListener('abort', this.#leave)
    this.#credit?.unsubscribe()
    this.#leaving.abort()
    this.#unpause()
    this.#connection?.cut()
    this.#lease?.release(this.#connection?.ended ?? Promise.resolve())
  }

  readonly #abort = (): void => this.subscriber.error(this.context.signal.reason)

  readonly #leave = (): void => {
    this.#leaving.abort()
    this.#unpause()
    this.context.listening(false)
    this.#connection?.leave()
  }

  async #run(): Promise<void> {
    const { key, address } = this.settings
    const secret = key === undefined ? undefined : resolveSecret(key)
    this.#sayable = sayableWithout([...address.secrets, ...(secret === undefined ? [] : [secret])])
    if (this.#isLeaving) return
    this.#lease = takeKey(address.host, secret, key?.env ?? '')
    await this.#lease.ready
    for (await this.#unpaused(); !this.#isLeaving; await this.#unpaused()) {
      const end = await this.#connect(addressWith(address, secret))
      if (this.#isLeaving || (end.isNormal && this.settings.untilClosed)) return
      await this.#recover(end)
    }
  }

  get #isLeaving(): boolean {
    return this.#leaving.signal.aborted
  }

  async #connect(href: string): Promise<ConnectionEnd> {
    const connection = new Connection(href, this.settings, this.#awake, this.#sayable, this)
    this.#connection = connection
    const end = await connection.ended
    this.#connection = undefined
    this.#subscriptions = undefined
    this.#quietSinceMillis = undefined
    if (end.openMillis > 0) this.#gap = { fromMillis: this.#heardAtMillis, reason: end.reason }
    if (!this.subscriber.closed) this.context.listening(false)
    return end
  }

  async #recover(end: ConnectionEnd): Promise<void> {
    const refusal = refusalOf(end, this.settings)
    if (refusal !== undefined) throw refusal
    const { clock, logger } = this.context
    const waitMillis = this.#delay.afterFailure(end.openMillis, parseRetryAfter(end.answer?.retryAfter, clock.now()))
    logger.warn(`finnhub: ${this.settings.address.shown}: ${end.reason}; connecting again in ${waitMillis} ms`)
    // Rejected when it is left: the loop sees that itself.
    await clock.sleep(waitMillis, this.#leaving.signal).catch(() => undefined)
  }

  /** No handshake begins while nothing could be read. */
  async #unpaused(): Promise<void> {
    while (this.#isPaused && !this.#isLeaving) await new Promise<void>((resolve) => (this.#unpause = resolve))
  }

  #setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return
    this.#isPaused = isPaused
    if (!isPaused) this.#unpause()
    this.#apply()
  }

  /** Makes the open connection what credit says. */
  #apply(): void {
    const connection = this.#connection
    if (connection === undefined || this.#subscriptions === undefined) return
    if (this.#isPaused) connection.pause()
    else connection.resume()
    this.#quietSinceMillis = this.#isPaused ? undefined : this.#awake.millis
    this.context.listening(!this.#isPaused && !this.#isLeaving)
  }

  opened(atMillis: number): void {
    const { symbols, address } = this.settings
    const { logger } = this.context
    this.#subscriptions = new Subscriptions(symbols, logger, this.#sayable)
    this.#heardAtMillis = atMillis
    this.#giveGap(atMillis)
    if (this.subscriber.closed) return
    logger.info(`finnhub: connected to ${address.shown}, for ${symbols.length} symbols`)
    for (const symbol of symbols) this.#connection?.send(JSON.stringify({ type: 'subscribe', symbol }))
    this.#apply()
  }

  frame(bytes: Buffer, isBinary: boolean, atMillis: number): void {
    if (!isBinary) this.#subscriptions?.look(bytes)
    this.#add(bytes, atMillis, isBinary ? binary : undefined)
    if (this.#batch.bytes >= MOST_BATCH_BYTES) this.turnEnded()
  }

  pinged(atMillis: number): void {
    this.turnEnded()
    this.#heardAtMillis = atMillis
  }

  oversized(message: string, atMillis: number): void {
    this.#add(new Uint8Array(0), atMillis, { _tag: 'Oversized', code: 'OutOfRange', message })
  }

  turnEnded(): void {
    const { count } = this.#batch
    if (count === 0) return
    const records = this.#batch.take(this.#next)
    this.#next += count
    this.#give({ records, offset: this.#offset })
  }

  #add(bytes: Uint8Array, atMillis: number, failure: Failure | undefined): void {
    this.#batch.add(bytes, atMillis, this.#takeSilence(), failure)
    this.#heardAtMillis = atMillis
  }

  #takeSilence(): number {
    const since = this.#quietSinceMillis
    if (since === undefined) return 0
    this.#quietSinceMillis = this.#awake.millis
    return this.#quietSinceMillis - since
  }

  #giveGap(toMillis: number): void {
    const gap = this.#gap
    if (gap === undefined) return
    this.#gap = undefined
    // A clock that was set back meanwhile makes no gap that ends before it begins.
    this.#give({ records: [], offset: this.#offset, gap: { ...gap, fromMillis: Math.min(gap.fromMillis, toMillis), toMillis } })
  }

  get #offset(): FinnhubOffset {
    return { next: this.#next, receivedAtMillis: this.#heardAtMillis }
  }

  #give(batch: SourceBatch<Uint8Array, FinnhubOffset>): void {
    this.subscriber.next(batch)
  }
}

import { Subscription, type Observable, type Subscriber } from 'rxjs'
import { ConnectorError } from '../failure.js'
import type { SourceBatch, SourceContext, SourceRecord } from '../source.js'
import { recordOf } from './value-records.js'

const maxBatchRecords = 1_024

/** When the observable was subscribed to, and the last value since. @public */
export type ObservableOffset = readonly [subscribedAtMillis: number, index: number]

/**
 * One subscription to an observable: what it emits in one go becomes one batch, and waits while there is no room. Positions begin with the
 * time of the subscription, so that values of another life of the program are never taken for these.
 */
export class ObservableReading<A> {
  readonly #subscribedAtMillis: number
  readonly #subscriptions = new Subscription()
  readonly #input = new Subscription()
  #held: SourceRecord<A>[] = []
  #count = 0
  #paused = false
  #scheduled = false
  #giving = false
  #listening: boolean | undefined
  #end: (() => void) | undefined

  constructor(
    readonly name: string,
    readonly maxBuffered: number,
    after: ObservableOffset | undefined,
    readonly context: SourceContext,
    readonly subscriber: Subscriber<SourceBatch<A, ObservableOffset>>,
  ) {
    const now = context.clock.now()
    this.#subscribedAtMillis = after === undefined ? now : Math.max(now, after[0] + 1)
  }

  start(input: Observable<A>): void {
    const { ending, signal, credit } = this.context
    const leave = (): void => this.#endWith(() => this.subscriber.complete())
    const abort = (): void => this.subscriber.error(signal.reason)
    ending.addEventListener('abort', leave, { once: true })
    signal.addEventListener('abort', abort, { once: true })
    this.#subscriptions.add(() => {
      ending.removeEventListener('abort', leave)
      signal.removeEventListener('abort', abort)
    })
    if (signal.aborted) return abort()
    this.#subscriptions.add(credit.paused$.subscribe((paused) => this.#onPaused(paused)))
    if (ending.aborted) return leave()
    this.#input.add(
      input.subscribe({
        next: (value) => this.#hold(value),
        error: (error: unknown) => this.#endWith(() => this.subscriber.error(this.#failed(error))),
        complete: leave,
      }),
    )
  }

  stop(): void {
    this.#input.unsubscribe()
    this.#subscriptions.unsubscribe()
    this.#held = []
  }

  #hold(value: A): void {
    if (this.#end !== undefined) return
    if (this.#held.length >= Math.min(maxBatchRecords, this.maxBuffered)) this.#give()
    if (this.#held.length >= this.maxBuffered) return this.#endWith(() => this.subscriber.error(this.#tooMany()))
    this.#held.push(recordOf(value, [this.#subscribedAtMillis, this.#count++], this.context.clock.now()))
    this.#listen()
    this.#schedule()
  }

  /** What comes next in the same go comes along: one batch instead of many. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#give()
    })
  }

  #onPaused(paused: boolean): void {
    this.#paused = paused
    // Not here: who says that there is room may be in the middle of taking.
    if (!paused && this.#held.length > 0) this.#schedule()
    this.#listen()
  }

  #give(): void {
    // To give a batch may make the observable emit the next value at once.
    if (this.#giving) return
    this.#giving = true
    while (this.#held.length > 0 && !this.#paused && !this.subscriber.closed) {
      const records = this.#held.splice(0, maxBatchRecords)
      const index = this.#count - this.#held.length - 1
      // as: the type knows of packed records, for bytes; a list is always allowed
      this.subscriber.next({ records: records as SourceBatch<A, ObservableOffset>['records'], offset: [this.#subscribedAtMillis, index] })
    }
    this.#giving = false
    this.#listen()
    if (this.#held.length === 0) this.#end?.()
  }

  /** Silence means that nothing happens only while all was given. */
  #listen(): void {
    const listening = !this.#paused && this.#held.length === 0
    if (listening === this.#listening) return
    this.#listening = listening
    this.context.listening(listening)
  }

  /** The first way to end counts; what is held is given before. */
  #endWith(end: () => void): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#input.unsubscribe()
    this.#schedule()
  }

  #tooMany(): ConnectorError {
    const message = `fromObservable '${this.name}': ${this.maxBuffered} values wait for room and the next one came; slow the observable down (bufferTime, sample, throttleTime), make the sinks faster, or raise maxBuffered`
    return new ConnectorError({ _tag: 'BufferFull', code: 'ResourceExhausted', message })
  }

  #failed(error: unknown): ConnectorError {
    if (error instanceof ConnectorError) return error
    const message = `fromObservable '${this.name}': the observable failed: ${error instanceof Error ? error.message : String(error)}`
    return new ConnectorError({ _tag: 'Observable', code: 'Unknown', message, cause: error })
  }
}

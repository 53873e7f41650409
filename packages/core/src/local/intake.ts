import { BehaviorSubject, defer, Subscription } from 'rxjs'
import { delayBefore, type RetryContext } from '../delivery/retry.js'
import { ConnectorError } from '../failure.js'
import type { AnySource } from '../pipeline/stage.js'
import type { Credit, Partition, SourceBatch, SourceContext } from '../source.js'
import { Silence } from './silence.js'

/** What waits between a source and the stages; bounded by count and bytes, whichever is reached first. */
export interface QueueLimits {
  readonly maxQueuedRecords: number
  readonly maxQueuedBytes: number
}

/** What waits now. */
export interface QueueLevel {
  readonly records: number
  readonly bytes: number
}

/** One step of one partition, in its order. */
export type IntakeItem =
  | { readonly kind: 'batch'; readonly partition: Partition; readonly batch: SourceBatch<unknown, unknown> }
  | { readonly kind: 'end'; readonly partition: Partition }

const countOf = ({ records }: SourceBatch<unknown, unknown>): number => ('count' in records ? Number(records.count) : records.length)

const bytesOf = ({ records }: SourceBatch<unknown, unknown>): number => {
  // as: a list of records has no buffer, packed ones do
  if ('buffer' in records) return (records.buffer as Buffer).byteLength
  let bytes = 0
  for (const record of records) bytes += record.bytes
  return bytes
}

/** Reads the partitions of one source, some at a time, into a bounded queue that drives their credit. */
export class Intake {
  readonly #queue: IntakeItem[] = []
  #queuedRecords = 0
  #queuedBytes = 0
  /** Records ever queued: the producer's side of the port to the read stage. */
  produced = 0
  readonly #paused = new BehaviorSubject(false)
  #waiters: (() => void)[] = []
  readonly #subscriptions = new Set<Subscription>()
  #todo: { readonly partition: Partition; readonly after: unknown }[] = []
  #active = 0
  #concurrency = 0
  #filling = false
  #closed = false
  #failure: { readonly error: unknown } | undefined
  readonly silence: Silence

  constructor(
    readonly source: AnySource,
    readonly limits: QueueLimits,
    readonly context: Omit<SourceContext, 'credit' | 'listening'>,
    readonly retry: RetryContext,
    readonly wake: () => void,
  ) {
    this.silence = new Silence(context.clock)
    context.signal.addEventListener('abort', () => this.#release(), { once: true })
  }

  /** Begins to read: `after` is each partition's offset to resume from. */
  start(partitions: readonly { readonly partition: Partition; readonly after: unknown }[], concurrency: number): void {
    this.#todo = [...partitions]
    this.#concurrency = concurrency
    this.#fill()
  }

  get done(): boolean {
    return this.ended && this.#queue.length === 0 && this.#failure === undefined
  }

  get waiting(): QueueLevel {
    return { records: this.#queuedRecords, bytes: this.#queuedBytes }
  }

  /** Counted from what is in the queue, not from what went in and out. */
  get queued(): number {
    let records = 0
    for (const item of this.#queue) if (item.kind === 'batch') records += countOf(item.batch)
    return records
  }

  take(): IntakeItem | undefined {
    if (this.#queue.length === 0) this.throwIfFailed()
    const item = this.#queue.shift()
    if (item?.kind === 'batch') {
      this.silence.take(item.partition.name)
      this.#queuedRecords -= countOf(item.batch)
      this.#queuedBytes -= bytesOf(item.batch)
      if (this.#hasRoom) this.#release()
    }
    return item
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  close(): void {
    this.#closed = true
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.#subscriptions.clear()
    this.#todo = []
    this.#active = 0
  }

  /** Nothing is read any more, whatever waits. */
  get ended(): boolean {
    return this.#active === 0 && this.#todo.length === 0
  }

  /** No partition is begun any more, and those that do not end by themselves are left: what waits can still be taken. */
  leave(): void {
    this.#todo = []
    if (this.source.capabilities.drains !== true) this.close()
  }

  get #hasRoom(): boolean {
    return this.#queuedRecords < this.limits.maxQueuedRecords && this.#queuedBytes < this.limits.maxQueuedBytes
  }

  #release(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
    if (this.#paused.value) this.#pause(false)
  }

  #pause(isPaused: boolean): void {
    this.silence.pause(isPaused)
    this.#paused.next(isPaused)
  }

  readonly #credit: Credit = {
    paused$: this.#paused,
    ready: async () => {
      while (!this.#hasRoom && !this.context.signal.aborted) await new Promise<void>((resolve) => this.#waiters.push(resolve))
      this.context.signal.throwIfAborted()
    },
  }

  /** A loop and no recursion: partitions may end while they are subscribed to, thousands of them in a row. */
  #fill(): void {
    if (this.#filling) return
    this.#filling = true
    while (this.#active < this.#concurrency) {
      const next = this.#todo.shift()
      if (next === undefined) break
      this.#active++
      this.#read(next.partition, next.after, 1)
    }
    this.#filling = false
  }

  #read(partition: Partition, after: unknown, attempt: number): void {
    let resumeFrom = after
    let attempts = attempt
    // A source may end while it is being subscribed to, hence the holder.
    const subscription = new Subscription()
    const forget = (): void => void this.#subscriptions.delete(subscription)
    this.#subscriptions.add(subscription)
    const observer = {
      next: (batch: SourceBatch<unknown, unknown>) => {
        if (!this.#pushBatch(partition, batch)) return
        resumeFrom = batch.offset
        attempts = 1
      },
      error: (error: unknown) => {
        forget()
        this.silence.listen(partition.name, false)
        void this.#again(partition, resumeFrom, attempts, error)
      },
      complete: () => {
        forget()
        this.silence.listen(partition.name, false)
        this.#active--
        this.#push({ kind: 'end', partition })
        this.#fill()
      },
    }
    // What `read` itself throws is an error like those of its Observable.
    const listening = (isListening: boolean): void => this.silence.listen(partition.name, isListening)
    const batches = defer(() => this.source.read(partition.name, after, { ...this.context, credit: this.#credit, listening }))
    listening(true)
    subscription.add(batches.subscribe(observer))
  }

  async #again(partition: Partition, after: unknown, attempt: number, error: unknown): Promise<void> {
    const { policy, clock, random, signal } = this.retry
    if (!(error instanceof ConnectorError && error.retryable) || attempt >= policy.maxAttempts || signal.aborted) return this.#fail(error)
    try {
      await clock.sleep(delayBefore(attempt + 1, policy, random), signal)
    } catch (cause) {
      // Aborted: the run was ended while it waited.
      return signal.aborted ? undefined : this.#fail(cause)
    }
    if (!this.#closed) this.#read(partition, after, attempt + 1)
  }

  /** Nothing more is read, of no partition: what waits is taken, then the error is thrown. */
  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.close()
    this.wake()
  }

  /** What a source gives in a wrong shape ends the run, not the process. */
  #pushBatch(partition: Partition, batch: SourceBatch<unknown, unknown>): boolean {
    try {
      this.#push({ kind: 'batch', partition, batch })
      return true
    } catch (cause) {
      const message = `source '${this.source.name}' gave something that is no batch, of partition '${partition.name}': ${String(cause)}`
      this.#fail(new ConnectorError({ _tag: 'Batch', code: 'Internal', message, cause }))
      return false
    }
  }

  #push(item: IntakeItem): void {
    if (item.kind === 'batch') {
      const count = countOf(item.batch)
      const bytes = bytesOf(item.batch)
      this.#queue.push(item)
      this.silence.queue(item.partition.name)
      this.produced += count
      this.#queuedRecords += count
      this.#queuedBytes += bytes
      if (!this.#hasRoom && !this.#paused.value) this.#pause(true)
    } else this.#queue.push(item)
    this.wake()
  }
}

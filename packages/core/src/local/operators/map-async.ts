import { ConnectorError, type Failure } from '../../failure.js'
import type { AsyncOptions } from '../../pipeline/stage.js'
import type { Clock } from '../../time/clock.js'
import { select, valuesOf, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'

type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: Failure }

/** A batch under way, or a watermark that must not overtake it. */
type Waiting =
  | { readonly kind: 'batch'; readonly elements: Elements; readonly results: Settled[]; open: number }
  | { readonly kind: 'watermark'; readonly millis: number }

/** A call that is still to be made. */
interface Task {
  readonly batch: Extract<Waiting, { kind: 'batch' }>
  readonly index: number
  readonly value: unknown
}

/** One promise an element, so many at once; what has settled goes on in the order of the elements. */
export class MapAsyncOperator extends Operator {
  readonly #line: Waiting[] = []
  readonly #todo: Task[] = []
  #next = 0
  #running = 0
  #pending = 0
  #idle: (() => void)[] = []
  #broken: unknown

  constructor(
    stage: string,
    host: OperatorHost,
    readonly f: (value: unknown, signal: AbortSignal) => Promise<unknown>,
    readonly options: AsyncOptions,
    readonly clock: Clock,
    readonly signal: AbortSignal,
  ) {
    super(stage, 'mapAsync', host)
  }

  protected process(elements: Elements): void {
    const values = valuesOf(elements)
    if (values.length === 0) return
    const batch = { kind: 'batch' as const, elements, results: new Array<Settled>(values.length), open: values.length }
    this.#line.push(batch)
    this.#pending += values.length
    values.forEach((value, index) => this.#todo.push({ batch, index, value }))
    this.#start()
  }

  override advance(millis: number): void {
    if (this.#line.length === 0) super.advance(millis)
    else this.#line.push({ kind: 'watermark', millis })
  }

  override pending(): number {
    return this.#pending
  }

  /** Resolves when nothing is under way; rejects if what comes after has failed. */
  async idle(): Promise<void> {
    while (this.#pending > 0 && this.#broken === undefined) await new Promise<void>((resolve) => this.#idle.push(resolve))
    if (this.#broken !== undefined) throw this.#broken
  }

  #start(): void {
    while (this.#running < this.options.concurrency) {
      const task = this.#nextTask()
      if (task === undefined) return
      this.#running++
      void this.#call(task.value).then((settled) => this.#settle(task.batch, task.index, settled))
    }
  }

  /** By an index, because `shift` moves all of what may be very long. */
  #nextTask(): Task | undefined {
    const task = this.#todo[this.#next++]
    if (this.#next >= this.#todo.length) {
      this.#todo.length = 0
      this.#next = 0
    }
    return task
  }

  async #call(value: unknown): Promise<Settled> {
    const limit = new AbortController()
    const abort = (): void => limit.abort(this.signal.reason)
    this.signal.addEventListener('abort', abort, { once: true })
    try {
      const answer = this.f(value, limit.signal)
      return { ok: true, value: await Promise.race([answer, this.#timeout(limit)]) }
    } catch (error) {
      return { ok: false, failure: failureOf(error) }
    } finally {
      this.signal.removeEventListener('abort', abort)
      limit.abort()
    }
  }

  async #timeout(limit: AbortController): Promise<never> {
    const { timeoutMillis } = this.options
    await this.clock.sleep(timeoutMillis, limit.signal)
    const failure = new ConnectorError({ _tag: 'Timeout', code: 'DeadlineExceeded', message: `no answer within ${timeoutMillis} ms`, retryable: true })
    limit.abort(failure)
    throw failure
  }

  #settle(batch: Extract<Waiting, { kind: 'batch' }>, index: number, settled: Settled): void {
    this.#running--
    batch.results[index] = settled
    batch.open--
    try {
      this.#drain()
    } catch (error) {
      this.#broken = error
    }
    this.#start()
    for (const wake of this.#idle.splice(0)) wake()
  }

  #drain(): void {
    for (let head = this.#line[0]; head !== undefined; head = this.#line[0]) {
      if (head.kind === 'batch' && head.open > 0) return
      this.#line.shift()
      if (head.kind === 'watermark') super.advance(head.millis)
      else this.#finish(head)
    }
  }

  #finish({ elements, results }: Extract<Waiting, { kind: 'batch' }>): void {
    const kept: number[] = []
    const values: unknown[] = []
    results.forEach((settled, index) => {
      if (!settled.ok) return this.reject(elements, index, settled.failure)
      kept.push(index)
      values.push(settled.value)
    })
    this.#pending -= results.length
    this.emit(select(elements, kept, values))
  }
}

import { Subject, type OperatorFunction } from 'rxjs'
import { ConnectorError } from '../../failure.js'
import type { Batch, Envelope, Origin } from '../../envelope.js'
import { envelopeAt, rowOf, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'
import { EnvelopeRecords } from '../made-records.js'
import type { RecordPlace } from '../records.js'

/** The way out to RxJS: real envelopes in, real envelopes out, synchronously. */
export class ThroughOperator extends Operator {
  readonly #input = new Subject<Batch<unknown>>()
  /** Records by the origins that were handed out, for the dead letters of what comes back. */
  readonly #homes = new WeakMap<Origin, RecordPlace>()
  #elements: Elements | undefined
  #failure: unknown

  constructor(stage: string, host: OperatorHost, operator: OperatorFunction<Batch<unknown>, Batch<unknown>>) {
    super(stage, 'through', host)
    this.#input.pipe(operator).subscribe({
      next: (batch) => this.#take(batch),
      error: (error: unknown) => (this.#failure = error),
    })
  }

  protected process(elements: Elements): void {
    this.#elements = elements
    const envelopes: Envelope<unknown>[] = []
    for (let i = 0; i < elements.length; i++) {
      const envelope = envelopeAt(elements, i)
      const row = rowOf(elements, i)
      this.#homes.set(envelope.origin, elements.records.home?.(row) ?? { records: elements.records, row })
      envelopes.push(envelope)
    }
    this.counts.expanded += elements.length
    this.#input.next({ envelopes, bytes: 0 })
    this.#elements = undefined
    this.#throwFailure()
  }

  /** An answer that came too late shows with the next batch or watermark, the last of which comes at the end. */
  override advance(watermarkMillis: number): void {
    this.#throwFailure()
    super.advance(watermarkMillis)
  }

  #throwFailure(): void {
    const cause = this.#failure
    if (cause === undefined) return
    if (cause instanceof ConnectorError) throw cause
    throw this.#error(`its operator ended with an error: ${failureOf(cause).message}`, cause)
  }

  #error(message: string, cause?: unknown): ConnectorError {
    return new ConnectorError({ _tag: 'Through', code: 'Internal', message: `through('${this.stage}'): ${message}`, cause })
  }

  /** Nothing may be thrown into the operator: RxJS would raise it outside of the run. */
  #take(batch: Batch<unknown>): void {
    try {
      this.#answer(batch)
    } catch (error) {
      this.#failure ??= error
    }
  }

  #answer({ envelopes }: Batch<unknown>): void {
    if (this.#elements === undefined) throw this.#error('it answered later than it was asked; an operator there must be synchronous (mapAsync is for promises)')
    if (!envelopes.every(({ eventTimeMillis }) => Number.isFinite(eventTimeMillis))) throw this.#error('it answered an envelope whose eventTimeMillis is no finite number; keep that of the envelope it came from')
    this.counts.made += envelopes.length
    const records = new EnvelopeRecords(envelopes, ({ origin }) => this.#homes.get(origin))
    const times = Float64Array.from(envelopes, (envelope) => envelope.eventTimeMillis)
    const born = Float64Array.from(envelopes, (envelope) => envelope.bornUnderMillis)
    this.emit({ length: envelopes.length, records, values: envelopes.map(({ value }) => value), rows: undefined, paths: [], times, born, keys: undefined })
  }
}

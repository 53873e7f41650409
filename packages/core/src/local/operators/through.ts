import { Subject, type OperatorFunction } from 'rxjs'
import { ConnectorError } from '../../failure.js'
import type { Batch, Envelope, Origin } from '../../envelope.js'
import { envelopeAt, rowOf, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'
import { EnvelopeRecords, type RecordPlace } from '../records.js'

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
      next: (batch) => this.#answer(batch),
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
    if (this.#failure !== undefined) throw new ConnectorError({ ...this.#ended(), cause: this.#failure })
  }

  #ended(): { _tag: string; code: 'Internal'; message: string } {
    return { _tag: 'Through', code: 'Internal', message: `through('${this.stage}'): its operator ended with an error: ${failureOf(this.#failure).message}` }
  }

  #answer({ envelopes }: Batch<unknown>): void {
    const source = this.#elements
    if (source === undefined) {
      this.#failure ??= new Error(`through('${this.stage}') answered later than it was asked; an operator there must be synchronous (mapAsync is for promises)`)
      return
    }
    this.counts.made += envelopes.length
    const records = new EnvelopeRecords(envelopes, ({ origin }) => this.#homes.get(origin))
    const times = Float64Array.from(envelopes, (envelope) => envelope.eventTimeMillis)
    const born = Float64Array.from(envelopes, (envelope) => envelope.bornUnderMillis)
    this.emit({ length: envelopes.length, records, values: envelopes.map(({ value }) => value), rows: undefined, paths: [], times, born, keys: undefined })
  }
}

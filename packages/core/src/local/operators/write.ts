import { ElementView, valuesOf, type Elements } from '../elements.js'
import { partsJson } from '../../pipeline/stable-id.js'
import { ElementIds } from '../element-ids.js'
import type { Failure } from '../../failure.js'
import type { Row } from '../../sink.js'
import { Operator, type OperatorHost } from '../operator.js'

/** Rows that wait for the epoch; each remembers its element, in case the sink rejects it. */
export class WriteOperator extends Operator {
  #rows: Row<unknown>[] = []
  #elements: Elements[] = []
  #indexes: number[] = []
  readonly #ids: ElementIds

  constructor(
    stage: string,
    host: OperatorHost,
    pipeline: string,
  ) {
    super(stage, 'sink', host)
    this.#ids = new ElementIds(pipeline, stage)
  }

  protected process(elements: Elements): void {
    const values = valuesOf(elements)
    const view = new ElementView(elements)
    for (let i = 0; i < elements.length; i++) {
      view.moveTo(i)
      const { origin } = view
      this.#rows.push({ value: values[i], rowId: this.#ids.of(origin, partsJson(origin.position), partsJson(view.path)) })
      this.#elements.push(elements)
      this.#indexes.push(i)
    }
  }

  get waiting(): number {
    return this.#rows.length
  }

  override pending(): number {
    return this.#rows.length
  }

  get rows(): readonly Row<unknown>[] {
    return this.#rows
  }

  /** The sink would not take the row at this index of `rows`, and never will. */
  rejectRow(index: number, failure: Failure, attempt: number): void {
    this.reject(this.#elements[index] as Elements, this.#indexes[index] as number, failure, { attempt }) // as: index < rows.length
  }

  /** The sink has taken `delivered` of the rows, the rest were rejected. */
  clear(delivered: number): void {
    this.counts.delivered += delivered
    this.#rows = []
    this.#elements = []
    this.#indexes = []
  }
}

import { select, upTo, valuesOf, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'

/** Lets through what the predicate holds for; the rest is counted as filtered. */
export class FilterOperator extends Operator {
  constructor(
    stage: string,
    host: OperatorHost,
    readonly f: (value: unknown) => boolean,
  ) {
    super(stage, 'filter', host)
  }

  protected process(elements: Elements): void {
    const { f } = this
    const values = valuesOf(elements)
    let kept: number[] | undefined
    let i = 0
    while (i < values.length) {
      try {
        for (; i < values.length; i++) {
          if (f(values[i])) {
            if (kept !== undefined) kept.push(i)
          } else {
            kept ??= upTo(i)
            this.counts.filtered++
          }
        }
      } catch (error) {
        kept ??= upTo(i)
        this.reject(elements, i++, failureOf(error))
      }
    }
    this.emit(kept === undefined ? elements : select(elements, kept))
  }
}

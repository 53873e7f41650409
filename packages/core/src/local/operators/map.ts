import { select, upTo, valuesOf, withValues, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'

/** One value in, one value out. */
export class MapOperator extends Operator {
  constructor(
    stage: string,
    host: OperatorHost,
    readonly f: (value: unknown) => unknown,
  ) {
    super(stage, 'map', host)
  }

  protected process(elements: Elements): void {
    const { f } = this
    const values = valuesOf(elements)
    const out: unknown[] = []
    let kept: number[] | undefined
    let i = 0
    while (i < values.length) {
      try {
        for (; i < values.length; i++) {
          out.push(f(values[i]))
          if (kept !== undefined) kept.push(i)
        }
      } catch (error) {
        kept ??= upTo(i)
        this.reject(elements, i++, failureOf(error))
      }
    }
    this.emit(kept === undefined ? withValues(elements, out) : select(elements, kept, out))
  }
}

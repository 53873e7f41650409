import type { Decoder } from '../../codec/decoder.js'
import { select, upTo, valuesOf, withValues, type Elements } from '../elements.js'
import { Operator, type OperatorHost } from '../operator.js'

/** Values that fit a codec, as the codec gives them. The compiled guard lets most through; io-ts judges the rest. */
export class DecodeOperator extends Operator {
  constructor(
    stage: string,
    host: OperatorHost,
    readonly decoder: Decoder<unknown>,
  ) {
    super(stage, 'decode', host)
  }

  protected process(elements: Elements): void {
    const { decoder } = this
    const values = valuesOf(elements)
    let i = 0
    while (i < values.length && decoder.accepts(values[i])) i++
    this.emit(i === values.length ? withValues(elements, values) : this.#judge(elements, values, i))
  }

  /** From the first value on that the guard would not let through. */
  #judge(elements: Elements, values: readonly unknown[], from: number): Elements {
    const { decoder } = this
    const out = values.slice(0, from)
    const kept = upTo(from)
    for (let i = from; i < values.length; i++) {
      const value = values[i]
      if (decoder.accepts(value)) out.push(value)
      else {
        const decoded = decoder.decode(value)
        if (!decoded.ok) {
          this.reject(elements, i, decoded.failure)
          continue
        }
        out.push(decoded.value)
      }
      kept.push(i)
    }
    return select(elements, kept, out)
  }
}

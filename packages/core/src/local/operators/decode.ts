import type { Decoder } from '../../codec/decoder.js'
import { valuesOf, without, withValues, type Elements } from '../elements.js'
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
    const { length } = values
    let decoded: unknown[] | undefined
    const dropped: number[] = []
    for (let i = 0; i < length; i++) {
      if (decoder.accepts(values[i])) continue
      const judged = decoder.decode(values[i])
      if (judged.ok) (decoded ??= values.slice())[i] = judged.value
      else {
        this.reject(elements, i, judged.failure)
        dropped.push(i)
      }
    }
    this.emit(without(withValues(elements, decoded ?? values), dropped))
  }
}

import { rowOf, valuesOf, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'

/** Each value becomes some; all of one input's, or, if its iterable throws, none. */
export class FlatMapOperator extends Operator {
  constructor(
    stage: string,
    host: OperatorHost,
    readonly f: (value: unknown) => Iterable<unknown>,
  ) {
    super(stage, 'flatMap', host)
  }

  protected process(elements: Elements): void {
    const values = valuesOf(elements)
    const out: unknown[] = []
    /** Input of each output, and its index among that input's outputs. */
    const inputs: number[] = []
    const indexes: number[] = []
    for (let i = 0; i < values.length; i++) {
      try {
        expand(this.f(values[i]), out)
        this.counts.expanded++
        for (let k = inputs.length, first = k; k < out.length; k++) {
          inputs.push(i)
          indexes.push(k - first)
        }
      } catch (error) {
        out.length = inputs.length
        this.reject(elements, i, failureOf(error))
      }
    }
    this.counts.made += out.length
    this.emit(expanded(elements, out, inputs, indexes))
  }
}

const expand = (made: Iterable<unknown>, out: unknown[]): void => {
  if (!Array.isArray(made)) {
    for (const value of made) out.push(value)
    return
  }
  for (let k = 0; k < made.length; k++) out.push(made[k])
}

const expanded = (elements: Elements, values: readonly unknown[], inputs: readonly number[], indexes: readonly number[]): Elements => {
  const { times, keys } = elements
  const column = new Float64Array(times === undefined ? 0 : inputs.length)
  const rows = new Array<number>(inputs.length)
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k] as number // as: k < length
    rows[k] = rowOf(elements, input)
    if (times !== undefined) column[k] = times[input] as number // as: input < length
  }
  return {
    length: values.length,
    records: elements.records,
    values,
    rows,
    paths: [...elements.paths.map((path) => inputs.map((input) => path[input] as number)), indexes], // as: input < length
    times: times === undefined ? undefined : column,
    born: elements.born,
    keys: keys === undefined ? undefined : inputs.map((input) => keys[input] as string), // as: input < length
  }
}

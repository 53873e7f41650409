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
    const made: (readonly unknown[])[] = []
    let total = 0
    for (let i = 0; i < values.length; i++) {
      const outputs = this.#expand(elements, i, values[i])
      made.push(outputs)
      total += outputs.length
    }
    this.counts.made += total
    this.emit(flatten(elements, made, total))
  }

  /** All outputs of one input, or none. */
  #expand(elements: Elements, index: number, value: unknown): readonly unknown[] {
    try {
      const outputs = this.f(value)
      const list: readonly unknown[] = Array.isArray(outputs) ? outputs : [...outputs]
      this.counts.expanded++
      return list
    } catch (error) {
      this.reject(elements, index, failureOf(error))
      return nothing
    }
  }
}

const nothing: readonly unknown[] = []

/** The outputs of all inputs side by side, each with its input's record and its index among that input's outputs. */
const flatten = (elements: Elements, made: readonly (readonly unknown[])[], total: number): Elements => {
  const values = new Array<unknown>(total)
  const rows = new Array<number>(total)
  const indexes = new Array<number>(total)
  // Which input an output is of: only needed where there are columns to carry over.
  const inputs = elements.paths.length === 0 && elements.times === undefined ? undefined : new Array<number>(total)
  let at = 0
  for (let i = 0; i < made.length; i++) {
    const outputs = made[i] as readonly unknown[] // as: i < length
    const row = rowOf(elements, i)
    for (let k = 0; k < outputs.length; k++, at++) {
      values[at] = outputs[k]
      rows[at] = row
      indexes[at] = k
      if (inputs !== undefined) inputs[at] = i
    }
  }
  const carried = inputs === undefined ? noColumns : carry(elements, inputs)
  const { times, keys } = carried
  return { length: total, records: elements.records, values, rows, paths: [...carried.paths, indexes], times, born: elements.born, keys }
}

type Carried = Pick<Elements, 'paths' | 'times' | 'keys'>

const noColumns: Carried = { paths: [], times: undefined, keys: undefined }

/** Each output has its input's event time, key and path so far. */
const carry = ({ paths, times, keys }: Elements, inputs: readonly number[]): Carried => ({
  paths: paths.map((path) => inputs.map((input) => path[input] as number)), // as: input < length, here and below
  times: times === undefined ? undefined : Float64Array.from(inputs, (input) => times[input] as number),
  keys: keys === undefined ? undefined : inputs.map((input) => keys[input] as string),
})

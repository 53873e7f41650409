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
    const rows: number[] = []
    /** Index of each output among its input's outputs. */
    const indexes: number[] = []
    /** Input of each output: only needed where there are columns to carry over. */
    const inputs: number[] | undefined = elements.paths.length === 0 && elements.times === undefined ? undefined : []
    for (let i = 0; i < values.length; i++) {
      const first = rows.length
      try {
        expand(this.f(values[i]), out)
        this.counts.expanded++
      } catch (error) {
        out.length = first
        this.reject(elements, i, failureOf(error))
      }
      const row = rowOf(elements, i)
      for (let k = first; k < out.length; k++) {
        rows.push(row)
        indexes.push(k - first)
        if (inputs !== undefined) inputs.push(i)
      }
    }
    this.counts.made += out.length
    const carried = inputs === undefined ? noColumns : carry(elements, inputs)
    this.emit({ length: out.length, records: elements.records, values: out, rows, born: elements.born, ...carried, paths: [...carried.paths, indexes] })
  }
}

const expand = (made: Iterable<unknown>, out: unknown[]): void => {
  if (!Array.isArray(made)) {
    for (const value of made) out.push(value)
    return
  }
  for (let k = 0; k < made.length; k++) out.push(made[k])
}

type Carried = Pick<Elements, 'paths' | 'times' | 'keys'>

const noColumns: Carried = { paths: [], times: undefined, keys: undefined }

/** Each output has its input's event time, key and path so far. */
const carry = ({ paths, times, keys }: Elements, inputs: readonly number[]): Carried => ({
  paths: paths.map((path) => inputs.map((input) => path[input] as number)), // as: input < length, here and below
  times: times === undefined ? undefined : Float64Array.from(inputs, (input) => times[input] as number),
  keys: keys === undefined ? undefined : inputs.map((input) => keys[input] as string),
})

import * as t from 'io-ts'
import { combine, definePipeline, fixedWindows, type Builder, type DeadLetter, type Output } from '@millrace/core'
import { memorySink, memorySource } from '@millrace/core/testing'
import { planOf, type Plan } from '#src/pipeline/define.js'

/** What sketched pipelines read. */
export interface Tick {
  readonly symbol: string
  readonly time: number
}

export const source = memorySource<Tick>({ name: 'ticks', partitions: [] })
export const sink = memorySink<unknown>({ name: 'table', guarantee: 'idempotent' })
export const deadLetters = memorySink<DeadLetter>({ name: 'dead letters', guarantee: 'idempotent' })

type Build = (p: Builder) => Output<'local'> | readonly Output<'local'>[]

/** The plan of a pipeline with this `build`. */
export const planFor = (build: Build): Plan =>
  definePipeline({ name: 'sketch', module: import.meta.url, config: t.null, deadLetters: () => deadLetters, build })[planOf](null)

/** What may be otherwise in a sketch. */
export interface SketchOptions {
  readonly boundMillis?: number
  readonly sizeMillis?: number
  readonly filterName?: string
  readonly filter?: (tick: Tick) => boolean
}

/** A small pipeline with most kinds of stages. */
export const sketch = ({ boundMillis = 0, sizeMillis = 1_000, filterName = 'sold', filter = () => true }: SketchOptions = {}): Plan =>
  planFor((p) =>
    p
      .read('in', source)
      .filter(filterName, filter)
      .eventTime('time', ({ time }) => time, { boundMillis })
      .keyBy('symbol', ({ symbol }) => symbol)
      .window(fixedWindows({ sizeMillis }))
      .aggregate('bars', combine.count<Tick>())
      .write('out', sink),
  )

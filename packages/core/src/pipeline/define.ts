import type * as t from 'io-ts'
import type { DeadLetter } from '../dead-letter/row.js'
import type { GapRow } from '../gap.js'
import type { Guarantee, Sink } from '../sink.js'
import type { Traits } from '../traits.js'
import { buildGraph } from './builder.js'
import type { Builder, Output } from './handles.js'
import { describeStage, graphHash } from './hash.js'
import type { AnySink, Graph } from './stage.js'

/** A pipeline made for one config: what runtimes run. */
export interface Plan {
  readonly name: string
  readonly version: string
  readonly graph: Graph
  readonly graphHash: string
  readonly deadLetters: AnySink
  readonly gaps: AnySink | undefined
}

/** How runtimes get at a pipeline's plan; not for user code. */
export const planOf = Symbol.for('@millrace/core/plan')

/** A pipeline as a value: define it once, run it here or elsewhere. Made by `definePipeline`. @public */
export interface Pipeline<C, R extends Traits['reach']> {
  readonly name: string
  readonly module: string
  // any: the encoded form of a config is JSON, whatever its type
  readonly config: t.Type<C, any>
  /** A type only: what a runtime checks at compile time. */
  readonly reach?: R
  /** @internal */
  readonly [planOf]: (config: C) => Plan
}

/** What a pipeline is made of. @public */
export interface PipelineDefinition<C, R extends Traits['reach'], D extends Traits['reach'], G extends Traits['reach'] = 'portable'> {
  /** The identity of its checkpoints and dead letters; not empty. */
  readonly name: string
  /** `import.meta.url` of the module that exports the pipeline: workers import it again. */
  readonly module: string
  /** Shown in rows and dead letters; the graph's hash (12 digits) unless given. */
  readonly version?: string
  /** What it is made for; what it encodes to must survive JSON. */
  // any: the encoded form of a config is JSON, whatever its type
  readonly config: t.Type<C, any>
  /** Required: there is no pipeline without a place for what cannot be processed. */
  readonly deadLetters: (config: C) => Sink<DeadLetter, D, Traits['panes'], Guarantee>
  /** Where it is written when a source heard nothing for a while; without it gaps only make panes incomplete. */
  readonly gaps?: (config: C) => Sink<GapRow, G, Traits['panes'], Guarantee>
  /** A pure function of `config`: it is called again on every worker and must make the same graph. Returns everything it wrote. */
  readonly build: (p: Builder, config: C) => Output<R> | readonly Output<R>[]
}

const plan = <C>(definition: PipelineDefinition<C, Traits['reach'], Traits['reach'], Traits['reach']>, config: C): Plan => {
  const build = (): Graph => buildGraph((p) => definition.build(p, config))
  const graph = build()
  const hash = graphHash(graph)
  if (graphHash(build()) !== hash) {
    throw new TypeError(`pipeline '${definition.name}': build gave two different graphs for one config; it must be a pure function of it`)
  }
  const version = definition.version ?? hash.slice(0, 12)
  return { name: definition.name, version, graph, graphHash: hash, deadLetters: definition.deadLetters(config), gaps: definition.gaps?.(config) }
}

/** What compiles has all of it; from JavaScript, something may be missing. */
const checkDefinition = ({ name, config, deadLetters, build }: { readonly [field in 'name' | 'config' | 'deadLetters' | 'build']: unknown }): void => {
  if (typeof name !== 'string' || name === '') throw new TypeError('definePipeline: a pipeline needs a name, the identity of its checkpoints')
  const check = (isThere: boolean, wanted: string): void => {
    if (!isThere) throw new TypeError(`pipeline '${name}' has no ${wanted}`)
  }
  check(config instanceof Object && 'decode' in config, 'config: give the io-ts codec of what it is made for, t.type({}) where there is nothing to choose')
  check(typeof deadLetters === 'function', 'deadLetters: give (config) => a sink for what cannot be processed; there is no pipeline without one')
  check(typeof build === 'function', 'build: give (p, config) => what it writes')
}

/**
 * Defines a pipeline; nothing is opened or read before it is run.
 * @throws TypeError if it has no name, or no `deadLetters`, `build` or `config`
 * @public
 */
export const definePipeline = <C, R extends Traits['reach'], D extends Traits['reach'], G extends Traits['reach'] = 'portable'>(
  definition: PipelineDefinition<C, R, D, G>,
): Pipeline<C, 'local' extends R | D | G ? 'local' : 'portable'> => {
  checkDefinition(definition)
  const { name, module, config } = definition
  return { name, module, config, [planOf]: (value) => plan(definition, value) }
}

/** For checkpoints: what old state is held against. */
export const describePlan = (p: Plan): readonly string[] => p.graph.stages.map(describeStage)

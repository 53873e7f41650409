import { checkPolicy } from '../time/policy.js'
import { fixedWindows, type WindowFn, type WindowOptions } from '../time/window.js'
import type { Builder, Output } from './handles.js'
import type { AnyCombine, Graph, KeyStage, Stage } from './stage.js'

/** Collects stages, refusing two of one name. */
class Stages {
  readonly all: Stage[] = []

  add<S extends Stage>(stage: S): S {
    if (typeof stage.name !== 'string' || stage.name === '') throw new TypeError(`a ${stage.kind} stage has no name: give it one, as its first argument`)
    if (this.all.some(({ name }) => name === stage.name)) {
      throw new TypeError(`two stages are named '${stage.name}': a name is the identity of a stage's state and dead letters, so give one of them another`)
    }
    this.all.push(stage)
    return stage
  }
}

// One class serves Ingest and Collection: which methods may be called when is the interfaces' affair, and theirs alone.
class Handle {
  readonly #stages: Stages
  readonly #input: Stage

  constructor(stages: Stages, input: Stage) {
    this.#stages = stages
    this.#input = input
  }

  #after(stage: Stage): Handle {
    return new Handle(this.#stages, this.#stages.add(stage))
  }

  map = (name: string, f: (value: unknown) => unknown): Handle => this.#after({ kind: 'map', name, input: this.#input, f })
  filter = (name: string, f: (value: unknown) => boolean): Handle => this.#after({ kind: 'filter', name, input: this.#input, f })
  flatMap = (name: string, f: (value: unknown) => Iterable<unknown>): Handle => this.#after({ kind: 'flatMap', name, input: this.#input, f })
  parse = (name: string): Handle => this.#after({ kind: 'parse', name, input: this.#input })
  apply = <C>(f: (handle: this) => C): C => f(this)

  decode(name: string, codec: Extract<Stage, { kind: 'decode' }>['codec']): Handle {
    return this.#after({ kind: 'decode', name, input: this.#input, codec })
  }

  eventTime(name: string, millis: (value: unknown) => number, policy: Extract<Stage, { kind: 'eventTime' }>['policy']): Handle {
    checkPolicy(name, policy)
    return this.#after({ kind: 'eventTime', name, input: this.#input, millis, policy: { ...policy } })
  }

  mapAsync(name: string, f: Extract<Stage, { kind: 'mapAsync' }>['f'], options: Extract<Stage, { kind: 'mapAsync' }>['options']): Handle {
    const { concurrency, timeoutMillis } = options
    if (!Number.isInteger(concurrency) || concurrency < 1) throw new TypeError(`mapAsync('${name}'): concurrency must be an integer ≥ 1, got ${concurrency}`)
    if (!(timeoutMillis > 0 && Number.isFinite(timeoutMillis))) throw new TypeError(`mapAsync('${name}'): timeoutMillis must be a finite number > 0, got ${timeoutMillis}`)
    return this.#after({ kind: 'mapAsync', name, input: this.#input, f, options: { ...options } })
  }

  through(name: string, operator: Extract<Stage, { kind: 'through' }>['operator']): Handle {
    return this.#after({ kind: 'through', name, input: this.#input, operator })
  }

  keyBy(name: string, key: (value: unknown) => string): { window: (fn: WindowFn, options?: WindowOptions) => object } {
    const stages = this.#stages
    const input: KeyStage = stages.add({ kind: 'key', name, input: this.#input, key })
    return {
      window: (window, options = {}) => ({
        aggregate: (aggregation: string, combine: AnyCombine) =>
          new Handle(stages, stages.add({ kind: 'aggregate', name: aggregation, input, window: checkWindow(name, window, options), options: { ...options }, combine })),
      }),
    }
  }

  write(name: string, sink: Extract<Stage, { kind: 'write' }>['sink']): Output<never> {
    this.#stages.add({ kind: 'write', name, input: this.#input, sink })
    return { stage: name }
  }
}

const checkWindow = (key: string, window: WindowFn, options: WindowOptions): WindowFn => {
  const { allowedLatenessMillis: lateness = 0 } = options
  if (!(lateness >= 0)) throw new TypeError(`window after keyBy('${key}'): allowedLatenessMillis must be ≥ 0, got ${lateness}`)
  // Also one that was written by hand, and not by fixedWindows.
  return window._tag === 'fixed' ? fixedWindows(window) : window
}

const deadEnds = ({ stages }: Graph): readonly Stage[] => {
  const read = new Set(stages.map((stage) => (stage.kind === 'read' ? undefined : stage.input)))
  return stages.filter((stage) => stage.kind !== 'write' && !read.has(stage))
}

const checkGraph = (graph: Graph, outputs: readonly Output<unknown>[]): void => {
  if (graph.stages.length === 0) throw new TypeError('build reads nothing: begin with p.read(…)')
  const [end] = deadEnds(graph)
  if (end?.kind === 'key') throw new TypeError(`keyBy('${end.name}') goes nowhere: go on with .window(…).aggregate(…), or leave it out`)
  if (end !== undefined) throw new TypeError(`stage '${end.name}' goes nowhere: end its branch with .write(…), or leave it out`)
  const returned = new Set(outputs.map((output: Output<unknown> | undefined) => output?.stage))
  for (const { kind, name } of graph.stages) {
    if (kind === 'write' && !returned.has(name)) throw new TypeError(`write('${name}') is not returned by build: return every output`)
  }
}

/**
 * Runs a `build` function and gives the graph that it made.
 * @throws TypeError where the graph makes no sense: two stages of one name, a branch that goes nowhere, an output not returned
 */
export const buildGraph = (build: (p: Builder) => Output<unknown> | readonly Output<unknown>[]): Graph => {
  const stages = new Stages()
  const read: Builder['read'] = (name, source) => {
    // The interfaces in handles.ts are what user code may do with a Handle; the class is all of them at once.
    return new Handle(stages, stages.add({ kind: 'read', name, source })) as unknown as ReturnType<Builder['read']> as never
  }
  const outputs = build({ read })
  const graph: Graph = { stages: stages.all }
  checkGraph(graph, Array.isArray(outputs) ? (outputs as readonly Output<unknown>[]) : [outputs as Output<unknown>]) // as: isArray does not narrow readonly arrays
  return graph
}

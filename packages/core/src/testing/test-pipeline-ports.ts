import { planOf, type Pipeline, type Plan } from '../pipeline/define.js'
import type { AnySink, AnySource, ReadStage, Stage } from '../pipeline/stage.js'
import { closable, allWritten } from '../ports/writer.js'
import type { Traits } from '../traits.js'
import { TestInput } from './test-pipeline-input.js'

/** Rows that reached a replaced sink, and how many of them were expected. */
export class TestOutput {
  readonly values: unknown[] = []
  expected = 0

  constructor(readonly name: string) {}

  /** The sink in whose place this stands: nothing of it is opened. */
  sink({ accepts }: AnySink): AnySink {
    const open: AnySink['open'] = async () =>
      closable(this.name, async (rows) => {
        for (const { value } of rows) this.values.push(value)
        return allWritten(rows)
      })
    return { name: this.name, reach: 'local', accepts, guarantee: 'idempotent', open }
  }

  /** What came since rows were last expected. */
  get since(): readonly unknown[] {
    return this.values.slice(this.expected)
  }
}

/** Everything of a pipeline that a test reaches, by stage. */
export interface TestPorts {
  readonly inputs: ReadonlyMap<string, TestInput>
  readonly writes: ReadonlyMap<string, TestOutput>
  readonly deadLetters: TestOutput
  /** Undefined where the pipeline has no place for them. */
  readonly gaps: TestOutput | undefined
}

/** Whether what the source gives is parsed as it is: then a test may give texts and values for bytes. */
const isParsed = (read: ReadStage, stages: readonly Stage[]): boolean => stages.some((stage) => stage.kind === 'parse' && stage.input === read)

/** The same stages with other sources and sinks; `input`s lead to the new ones. */
const replaceStages = (stages: readonly Stage[], source: (read: ReadStage) => AnySource, sink: (write: string, sink: AnySink) => AnySink): readonly Stage[] => {
  const replaced = new Map<Stage, Stage>()
  for (const stage of stages) {
    // as: inputs come before what reads them, and keep their kind
    const wired = stage.kind === 'read' ? stage : ({ ...stage, input: replaced.get(stage.input) } as Stage)
    if (wired.kind === 'read') replaced.set(stage, { ...wired, source: source(wired) })
    else if (wired.kind === 'write') replaced.set(stage, { ...wired, sink: sink(wired.name, wired.sink) })
    else replaced.set(stage, wired)
  }
  return [...replaced.values()]
}

const replacePlan = (plan: Plan): { readonly plan: Plan; readonly ports: TestPorts } => {
  const inputs = new Map<string, TestInput>()
  const writes = new Map<string, TestOutput>()
  const deadLetters = new TestOutput('dead letters')
  const gaps = plan.gaps && new TestOutput('gaps')
  const source = (read: ReadStage): AnySource => {
    const input = new TestInput(read, isParsed(read, plan.graph.stages))
    inputs.set(read.name, input)
    return input.source
  }
  const sink = (write: string, replaced: AnySink): AnySink => {
    const output = new TestOutput(`write '${write}'`)
    writes.set(write, output)
    return output.sink(replaced)
  }
  const stages = replaceStages(plan.graph.stages, source, sink)
  return {
    plan: { ...plan, graph: { stages }, deadLetters: deadLetters.sink(plan.deadLetters), gaps: plan.gaps && gaps?.sink(plan.gaps) },
    ports: { inputs, writes, deadLetters, gaps },
  }
}

/**
 * The pipeline with sources and sinks in memory, under the same stages, windows and version. A sink that serves several writes
 * is a sink for each of them.
 */
export const replacePorts = <C>(pipeline: Pipeline<C, Traits['reach']>): { readonly pipeline: Pipeline<C, 'local'>; readonly ports: () => TestPorts } => {
  let ports: TestPorts | undefined
  const planned = (config: C): Plan => {
    const replaced = replacePlan(pipeline[planOf](config))
    ports = replaced.ports
    return replaced.plan
  }
  const { name, module, config } = pipeline
  return {
    pipeline: { name, module, config, [planOf]: planned },
    ports: () => {
      if (ports === undefined) throw new Error('the pipeline was not planned')
      return ports
    },
  }
}


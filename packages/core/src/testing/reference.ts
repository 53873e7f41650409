import type { StageKind } from '../dead-letter/row.js'
import { planOf, type Pipeline } from '../pipeline/define.js'
import { inputOf, type Stage } from '../pipeline/stage.js'
import type { Traits } from '../traits.js'
import type { MemorySourceOptions } from './memory-source.js'
import { readAll, type Element, type ReferenceDeadLetter } from './reference-elements.js'
import { sumLedger, type LedgerEntry, type ReferenceLedger } from './reference-ledger.js'
import { runStage } from './reference-stages.js'
import type { ReferencePane } from './reference-windows.js'

/** What the reference interpreter must be told beside the pipeline. @public */
export interface ReferenceOptions {
  /** Whether the sink of this write stage rejects this value; default: none does. */
  readonly rejects?: (write: string, value: unknown) => boolean
}

/** What a finished run of a pipeline must have done. @public */
export interface ReferenceResult {
  /** By write stage: the elements that its sink took. */
  readonly sinks: ReadonlyMap<string, readonly Element[]>
  readonly deadLetters: readonly ReferenceDeadLetter[]
  readonly ledger: ReferenceLedger
  readonly panes: readonly ReferencePane[]
}

/** By read stage: the options of its memory source. @public */
export type ReferenceInputs = ReadonlyMap<string, MemorySourceOptions<any>> // any: what a source's records hold is the pipeline's affair

const recordsOf = (stage: Stage, inputs: ReferenceInputs): readonly Element[] => {
  const input = inputs.get(stage.name)
  if (input === undefined)
    throw new TypeError(
      `interpret: there is no input for read('${stage.name}'): give its memory source's options under that name`,
    )
  return readAll(stage.name, input.partitions)
}

/** Copies beyond the first, where several stages read what this one gave. */
const copies = (stage: Stage, stages: readonly Stage[], out: readonly Element[]): number => {
  const readers = stages.filter((other) => inputOf(other) === stage).length
  return Math.max(0, readers - 1) * out.length
}

const deadLetter = (
  stage: string,
  kind: StageKind,
  { origin, path, eventTimeMillis, key, attributes }: Element,
): ReferenceDeadLetter => ({
  stage,
  kind,
  origin,
  path,
  eventTimeMillis,
  key,
  attributes,
})

/**
 * The reference interpreter: what a pipeline means, run to its end over arrays, stage by stage, with nothing of a runtime
 * in it. Plain and slow; every engine must agree with it. Order is nowhere kept but where it counts: within a partition,
 * and within a window. Only fixed windows with `single` panes; `through` only with operators that keep nothing.
 * @param inputs - by read stage: the options of its memory source; pauses and errors among its entries are passed over
 * @throws TypeError if a read stage has no input
 * @public
 */
export const interpret = async <C, R extends Traits['reach']>(
  pipeline: Pipeline<C, R>,
  config: C,
  inputs: ReferenceInputs,
  { rejects = () => false }: ReferenceOptions = {},
): Promise<ReferenceResult> => {
  const { stages } = pipeline[planOf](config).graph
  const outputs = new Map<Stage, readonly Element[]>()
  const sinks = new Map<string, readonly Element[]>()
  const deadLetters: ReferenceDeadLetter[] = []
  const ledger: LedgerEntry[] = []
  const panes: ReferencePane[] = []
  for (const stage of stages) {
    const input = inputOf(stage)
    const elements = input === undefined ? recordsOf(stage, inputs) : (outputs.get(input) ?? [])
    const step = await runStage(stage, elements, rejects)
    outputs.set(stage, step.out)
    if (stage.kind === 'write') sinks.set(stage.name, step.out)
    deadLetters.push(...step.dead.map(({ kind, element }) => deadLetter(stage.name, kind, element)))
    ledger.push(step.ledger, { made: copies(stage, stages, step.out), deadLettered: step.dead.length })
    panes.push(...(step.panes ?? []))
  }
  return { sinks, deadLetters, ledger: sumLedger(ledger), panes }
}

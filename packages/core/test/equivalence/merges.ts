import type { Combine, Envelope } from '@millrace/core'
import type { ReferenceResult } from '#src/testing/reference.js'
import { canonical } from './canonical.js'
import { nodesOf, type CaseSpec } from './case.js'
import { combines } from './combines.js'
import { Dice } from './dice.js'

// any: values and accumulators of random pipelines have whatever shape they have
type AnyCombine = Combine<any, any, unknown>

const fold = (combine: AnyCombine, elements: readonly Envelope<unknown>[]): unknown => elements.reduce((acc: unknown, element) => combine.add(acc, element), combine.create())

/** Folds in some parts, in another order, and merges them: engines that aggregate before they shuffle do so. */
const inParts = (combine: AnyCombine, elements: readonly Envelope<unknown>[], dice: Dice): unknown => {
  const parts: Envelope<unknown>[][] = dice.list(dice.int(2, 4), () => [])
  for (const element of elements) dice.pick(parts).splice(dice.int(0, 3), 0, element)
  const [first, ...rest] = parts.map((part) => fold(combine, part))
  return combine.extract(rest.reduce((acc, part) => combine.merge(acc, part), first))
}

/** A pane has one value, however its elements were parted. */
export const checkMerges = (spec: CaseSpec, { panes }: ReferenceResult): readonly string[] => {
  const dice = new Dice(spec.seed)
  const stages = new Map(nodesOf(spec.reads.flatMap(({ next }) => next)).map((node) => [node.name, node.stage]))
  return panes.flatMap(({ stage, pane, elements }) => {
    const aggregate = stages.get(stage)
    if (aggregate?.kind !== 'aggregate') return []
    const combine = combines[aggregate.combine]?.(aggregate.salt)
    if (combine === undefined) return []
    const [whole, parted] = [canonical(pane.value), canonical(inParts(combine, elements, dice))]
    return whole === parted ? [] : [`${stage}: merged parts of ${pane.key} ${pane.window.startMillis} give ${parted}, not ${whole}`]
  })
}

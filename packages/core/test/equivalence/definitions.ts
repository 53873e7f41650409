import type { Combine, Envelope } from '@millrace/core'
import type { ReferenceResult } from '#src/testing/reference.js'
import { canonical } from './canonical.js'
import { nodesOf, type CaseSpec } from './case.js'
import { combines } from './combines.js'
import { Dice } from './dice.js'
import { exactSum } from './exact-arithmetic.js'

// Interpreter and runtime share the combines and the order of elements. So that they cannot be wrong together, panes are held
// against definitions of their own here, and against their merged parts.

// any: values and accumulators of random pipelines have whatever shape they have
type AnyCombine = Combine<any, any, unknown>
type Element = Envelope<any>

const compareParts = (a: number | string, b: number | string): number =>
  typeof a === typeof b ? (a < b ? -1 : Number(a > b)) : typeof a === 'number' ? -1 : 1

const compareLists = (a: readonly (number | string)[], b: readonly (number | string)[]): number => {
  const [x, y] = [a[0], b[0]]
  if (x === undefined || y === undefined) return a.length - b.length
  return compareParts(x, y) || compareLists(a.slice(1), b.slice(1))
}

/** Event time, then partition, then position, then path. */
const compare = (a: Element, b: Element): number =>
  a.eventTimeMillis - b.eventTimeMillis ||
  compareParts(a.origin.partition, b.origin.partition) ||
  compareLists(a.origin.position, b.origin.position) ||
  compareLists(a.path, b.path)

const xs = (elements: readonly Element[]): readonly number[] => elements.map(({ value }) => value.x)
const shown = (element: Element | undefined): unknown => [canonical(element?.value.id), canonical(element?.value.x)]
const least = (numbers: readonly number[]): number => numbers.reduce((a, b) => (Number.isNaN(a) || a < b ? a : b))
const greatest = (numbers: readonly number[]): number => -least(numbers.map((x) => -x))

/** What some combines mean, of elements in order. */
const definitions: Readonly<Record<string, (elements: readonly Element[]) => unknown>> = {
  count: (elements) => elements.length,
  sum: (elements) => exactSum(xs(elements)),
  min: (elements) => least(xs(elements)),
  max: (elements) => greatest(xs(elements)),
  first: (elements) => shown(elements[0]),
  last: (elements) => shown(elements.at(-1)),
  struct: (elements) => ({
    open: elements[0]?.value.x,
    close: elements.at(-1)?.value.x,
    high: greatest(xs(elements)),
    volume: exactSum(xs(elements).map(Math.abs)),
    notional: exactSum(xs(elements).map((x) => x * 0.1)),
    n: elements.length,
  }),
}

const fold = (combine: AnyCombine, elements: readonly Element[]): unknown =>
  elements.reduce((acc: unknown, element) => combine.add(acc, element), combine.create())

/** Folds in some parts, in another order, and merges them: engines that aggregate before they shuffle do so. */
const inParts = (combine: AnyCombine, elements: readonly Element[], dice: Dice): unknown => {
  const parts: Element[][] = dice.list(dice.int(2, 4), () => [])
  for (const element of elements) dice.pick(parts).splice(dice.int(0, 3), 0, element)
  const [first, ...rest] = parts.map((part) => fold(combine, part))
  return combine.extract(rest.reduce((acc, part) => combine.merge(acc, part), first))
}

/** Each pane is what its combine means, and has one value however its elements were parted. */
export const checkDefinitions = (spec: CaseSpec, { panes }: ReferenceResult): readonly string[] => {
  const dice = new Dice(spec.seed)
  const stages = new Map(nodesOf(spec.reads.flatMap(({ next }) => next)).map((node) => [node.name, node.stage]))
  return panes.flatMap(({ stage, pane, elements }) => {
    const aggregate = stages.get(stage)
    if (aggregate?.kind !== 'aggregate') return []
    const combine = combines[aggregate.combine]?.(aggregate.salt)
    if (combine === undefined) return []
    const ordered = elements.toSorted(compare)
    const value = canonical(pane.value)
    const meant = definitions[aggregate.combine]
    const where = `${stage} ${pane.key} ${pane.window.startMillis}`
    return [
      ...(ordered.every((element, i) => element === elements[i]) ? [] : [`${where}: elements out of order`]),
      ...(meant === undefined || canonical(meant(ordered)) === value
        ? []
        : [`${where}: ${aggregate.combine} is ${value}, meant is ${canonical(meant(ordered))}`]),
      ...(canonical(inParts(combine, elements, dice)) === value
        ? []
        : [`${where}: merged parts give another value than ${value}`]),
    ]
  })
}

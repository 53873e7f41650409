import { compareElements } from '../envelope.js'
import type { AggregateStage } from '../pipeline/stage.js'
import type { Pane, Window } from '../time/window.js'
import { nowhere, type Blind, type Element } from './reference-elements.js'

/** One key's window with everything that was added to it, in order. @public */
export interface ReferencePane {
  readonly stage: string
  readonly pane: Pane<string, unknown>
  readonly elements: readonly Element[]
}

/** What became of the elements that reached an aggregate. */
export interface Aggregation {
  readonly late: readonly Element[]
  /** What `combine.add` threw on. */
  readonly refused: readonly Element[]
  readonly panes: readonly ReferencePane[]
  /** Panes, as elements without a value, that `combine.extract` threw on. */
  readonly worthless: readonly Element[]
}

/** The fixed window that holds an event time. */
export const windowOf = (stage: AggregateStage, millis: number): Window => {
  const { window } = stage
  if (window._tag !== 'fixed')
    throw new TypeError(`reference: aggregate '${stage.name}' has ${window._tag} windows; only fixed ones are known`)
  const { sizeMillis, offsetMillis } = window
  const startMillis = Math.floor((Math.floor(millis) - offsetMillis) / sizeMillis) * sizeMillis + offsetMillis
  return { startMillis, endMillis: startMillis + sizeMillis }
}

/** Lateness is decided once, by birth. */
const isLate = (stage: AggregateStage, element: Element): boolean =>
  windowOf(stage, element.eventTimeMillis).endMillis + (stage.options.allowedLatenessMillis ?? 0) <=
  element.bornUnderMillis

const groupByKeyAndWindow = (stage: AggregateStage, elements: readonly Element[]): readonly (readonly Element[])[] => {
  const groups = new Map<string, Element[]>()
  for (const element of elements) {
    const id = JSON.stringify([windowOf(stage, element.eventTimeMillis).startMillis, element.key])
    groups.set(id, [...(groups.get(id) ?? []), element])
  }
  return [...groups.values()]
}

interface Folded {
  readonly acc: unknown
  readonly added: readonly Element[]
  readonly refused: readonly Element[]
}

const fold = ({ combine }: AggregateStage, ordered: readonly Element[]): Folded => {
  let acc: unknown = combine.create()
  const added: Element[] = []
  const refused: Element[] = []
  for (const element of ordered) {
    try {
      acc = combine.add(acc, element)
      added.push(element)
    } catch {
      refused.push(element)
    }
  }
  return { acc, added, refused }
}

/** Whether everything of a window was heard. */
const isComplete = ({ startMillis, endMillis }: Window, blind: readonly Blind[]): boolean =>
  !blind.some(([from, to]) => from < endMillis && to >= startMillis)

/** One pane for one key and window. */
const paneOf = (stage: AggregateStage, { acc, added }: Folded): ReferencePane => {
  const [{ key, eventTimeMillis, blind }] = added as readonly [Element & { readonly key: string }] // as: only what was added to has a pane, and it was keyed
  const window = windowOf(stage, eventTimeMillis)
  let value: unknown = noValue
  try {
    value = stage.combine.extract(acc)
  } catch {
    // What it is worth stays unsaid.
  }
  const pane: Pane<string, unknown> = { key, window, timing: 'onTime', index: 0, isLast: true, complete: isComplete(window, blind), value }
  return { stage: stage.name, pane, elements: added }
}

const noValue = Symbol('no value')

/** Late elements aside, everything of one key and window, in order, becomes one value, if anything could be added. */
export const aggregate = (stage: AggregateStage, elements: readonly Element[]): Aggregation => {
  const late = elements.filter((element) => isLate(stage, element))
  const onTime = elements.filter((element) => !isLate(stage, element))
  const folds = groupByKeyAndWindow(stage, onTime).map((group) => fold(stage, group.toSorted(compareElements)))
  const panes = folds.filter(({ added }) => added.length > 0).map((folded) => paneOf(stage, folded))
  return {
    late,
    refused: folds.flatMap(({ refused }) => refused),
    panes: panes.filter(({ pane }) => pane.value !== noValue),
    worthless: panes
      .filter(({ pane }) => pane.value === noValue)
      .map((broken) => ({ ...elementOfPane(broken), key: broken.pane.key })),
  }
}

/** A pane goes on as an element of its own: just inside its window, never late. */
export const elementOfPane = ({ stage, pane, elements: [first] }: ReferencePane): Element => {
  const { startMillis, endMillis } = pane.window
  return {
    value: pane,
    origin: { source: stage, partition: pane.key, position: [startMillis, endMillis, 0] },
    path: [],
    eventTimeMillis: endMillis - 1,
    bornUnderMillis: Number.NEGATIVE_INFINITY,
    receivedAtMillis: endMillis,
    attributes: undefined,
    floorMillis: Number.NEGATIVE_INFINITY,
    failure: undefined,
    place: nowhere,
    blind: first?.blind ?? [],
    key: undefined,
  }
}

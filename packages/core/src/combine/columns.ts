import { isTaken, partOf, refuseTaken } from './part.js'
import type { PlacedElement, Slab } from './slab.js'
import { at, declare, sharedWith, takeLine } from './struct-code.js'
import { knownPlan, type AnyCombine, type Leaf } from './struct-plan.js'

/** The accumulators of a combine as rows of a slab; `base` is where a row begins. */
export interface Columns {
  /** Numbers a row. */
  readonly slots: number
  readonly create: (slab: Slab, base: number) => void
  /** @throws what user code throws; the row is then as it was */
  readonly add: (slab: Slab, base: number, element: PlacedElement) => void
  /** The combine's own accumulator, valid until the row changes. */
  readonly read: (slab: Slab, base: number) => unknown
  readonly write: (slab: Slab, base: number, acc: unknown) => void
}

/** A leaf and its first slot. */
interface Placed {
  readonly leaf: Leaf
  readonly slot: number
  readonly index: number
}

const placesOf = (leaves: readonly Leaf[]): readonly Placed[] => {
  let next = 0
  return leaves.map((leaf, index) => ({ leaf, index, slot: (next += leaf.part.column.slots) - leaf.part.column.slots }))
}

/** An object of objects, as the names of the leaves say. */
const nested = (places: readonly Placed[], depth: number): string => {
  const [one] = places
  if (one?.leaf.names.length === depth) return `read${one.index}(slab, base + ${one.slot})`
  const names = [...new Set(places.map(({ leaf }) => leaf.names[depth]))]
  const fields = names.map((name) => `${JSON.stringify(name)}: ${nested(places.filter(({ leaf }) => leaf.names[depth] === name), depth + 1)}`)
  return `{ ${fields.join(', ')} }`
}

const codeOf = (leaves: readonly Leaf[], places: readonly Placed[]): string => {
  const lines = (line: (place: Placed) => string): string => places.map(line).join('\n    ')
  const taken = (leaf: Leaf): string => (leaf.part.accepts === 'nothing' ? 'null' : `x${sharedWith(leaf, leaves)}`)
  return `'use strict'
  ${['create', 'apply', 'read', 'write'].map((name) => declare(name, `leaves[#].part.column.${name}`, leaves.length)).join('\n')}
  ${declare('take', 'leaves[#].part.take', leaves.length)}
  const create = (slab, base) => {
    ${lines(({ index, slot }) => `create${index}(slab, base + ${slot})`)}
  }
  const add = (slab, base, element) => {
    const value = element.value
    ${lines(({ leaf, index }) => takeLine(leaf, index, leaves))}
    ${lines(({ leaf, index, slot }) => `apply${index}(slab, base + ${slot}, ${taken(leaf)}, element)`)}
  }
  const read = (slab, base) => (${nested(places, 0)})
  const write = (slab, base, acc) => {
    ${lines(({ leaf, index, slot }) => `write${index}(slab, base + ${slot}, ${at('acc', leaf.names)})`)}
  }
  return { create, add, read, write }`
}

/** None if a part is the user's own, whose accumulator may be anything. */
const leavesOf = (combine: AnyCombine): readonly Leaf[] => {
  const lone = partOf(combine)
  if (lone !== undefined) return [{ names: [], part: lone }]
  const plan = knownPlan(combine)
  return plan === undefined || plan.customs.length > 0 ? [] : plan.leaves
}

/** `undefined` if a part is the user's own, or where code generation is forbidden: then accumulators are objects. */
export const columnsOf = (combine: AnyCombine): Columns | undefined => {
  const leaves = leavesOf(combine)
  if (leaves.length === 0) return undefined
  try {
    // Names of parts go into it as JSON strings only.
    const make = new Function('leaves', 'refuse', 'isTaken', codeOf(leaves, placesOf(leaves)))
    return { slots: leaves.reduce((sum, { part }) => sum + part.column.slots, 0), ...make(leaves, refuseTaken, isTaken) }
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

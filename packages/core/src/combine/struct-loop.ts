import type { Envelope } from '../envelope.js'
import { isTaken, refuseTaken } from './part.js'
import { placeOf, type AnyCombine, type Leaf, type Parts, type Plan } from './struct-plan.js'

// Accumulators and values of any types, by name.
type Fields = Record<string, any>

const takeFrom = (leaf: Leaf, value: unknown): unknown => {
  const { take, accepts } = leaf.part
  const taken: unknown = take(value)
  if (!isTaken(taken, accepts)) refuseTaken(placeOf(leaf), taken, accepts)
  return taken
}

const update = (acc: Fields, names: readonly string[], change: (inner: unknown) => unknown): void => {
  let holder = acc
  for (const name of names.slice(0, -1)) holder = holder[name]
  const name = names[names.length - 1] as string // names are never empty
  holder[name] = change(holder[name])
}

const addCustoms = (acc: Fields, { customs }: Plan, element: Envelope<unknown>): void => {
  if (customs.length === 1) {
    for (const { names, combine } of customs) update(acc, names, (inner) => combine.add(inner, element))
    return
  }
  const ones = customs.map(({ combine }) => combine.add(combine.create(), element))
  customs.forEach(({ names, combine }, i) => update(acc, names, (inner) => combine.merge(inner, ones[i])))
}

/** The struct as plain loops: what the generated code does, slower, where code generation is forbidden. */
export const loopStruct = (parts: Parts, plan: Plan): AnyCombine => {
  const entries = Object.entries(parts)
  const mapped = (value: (part: AnyCombine, name: string) => unknown): Fields =>
    Object.fromEntries(entries.map(([name, part]) => [name, value(part, name)]))
  return {
    create: () => mapped((part) => part.create()),
    add: (acc: Fields, element) => {
      const taken = plan.leaves.map((leaf) => takeFrom(leaf, element.value))
      addCustoms(acc, plan, element)
      plan.leaves.forEach(({ names, part }, i) => update(acc, names, (inner) => part.apply(inner, taken[i], element)))
      return acc
    },
    merge: (a: Fields, b: Fields) => Object.assign(a, mapped((part, name) => part.merge(a[name], b[name]))),
    extract: (acc: Fields) => mapped((part, name) => part.extract(acc[name])),
  }
}

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

const holderOf = (acc: Fields, names: readonly string[]): Fields => {
  let holder = acc
  for (let i = 0; i < names.length - 1; i++) holder = holder[names[i] as string] // i is below the length
  return holder
}

const lastOf = (names: readonly string[]): string => names[names.length - 1] as string // names are never empty

const addCustoms = (acc: Fields, { customs }: Plan, element: Envelope<unknown>): void => {
  const alone = customs.length === 1
  const ones = alone ? [] : customs.map(({ combine }) => combine.add(combine.create(), element))
  customs.forEach(({ names, combine }, i) => {
    const holder = holderOf(acc, names)
    const name = lastOf(names)
    holder[name] = alone ? combine.add(holder[name], element) : combine.merge(holder[name], ones[i])
  })
}

const applyTo = (acc: Fields, leaves: readonly Leaf[], taken: readonly unknown[], element: Envelope<unknown>): void => {
  for (let i = 0; i < leaves.length; i++) {
    const { names, part } = leaves[i] as Leaf // i is below the length
    const holder = holderOf(acc, names)
    const name = lastOf(names)
    holder[name] = part.apply(holder[name], taken[i], element)
  }
}

/** The struct as plain loops: what the generated code does, slower, where code generation is forbidden. */
export const loopStruct = (parts: Parts, plan: Plan): AnyCombine => {
  const entries = Object.entries(parts)
  const mapped = (value: (part: AnyCombine, name: string) => unknown): Fields =>
    Object.fromEntries(entries.map(([name, part]) => [name, value(part, name)]))
  return {
    create: () => mapped((part) => part.create()),
    add: (acc: Fields, element) => {
      const { value } = element
      const taken = plan.leaves.map((leaf) => takeFrom(leaf, value))
      if (plan.customs.length > 0) addCustoms(acc, plan, element)
      applyTo(acc, plan.leaves, taken, element)
      return acc
    },
    merge: (a: Fields, b: Fields) =>
      Object.assign(
        a,
        mapped((part, name) => part.merge(a[name], b[name])),
      ),
    extract: (acc: Fields) => mapped((part, name) => part.extract(acc[name])),
  }
}

import type { Combine } from './combine.js'
import { partOf, type AnyPart } from './part.js'

// Parts of any types: the struct's own type is where they are tied together.
export type AnyCombine = Combine<any, any, any>
export type Parts = Readonly<Record<string, AnyCombine>>

/** A built-in somewhere inside, with the names that lead to its accumulator. */
export interface Leaf {
  readonly names: readonly string[]
  readonly part: AnyPart
}

/** A combine that users wrote: its add may throw. */
export interface Custom {
  readonly names: readonly string[]
  readonly combine: AnyCombine
}

/** What one add has to do, nested structs laid flat. */
export interface Plan {
  readonly leaves: readonly Leaf[]
  readonly customs: readonly Custom[]
}

const structs = new WeakMap<object, Plan>()

/** Lets a struct that holds this one see through it. */
export const rememberPlan = (struct: AnyCombine, plan: Plan): void => {
  structs.set(struct, plan)
}

const under = <T extends { readonly names: readonly string[] }>(name: string, inner: readonly T[]): readonly T[] =>
  inner.map((each) => ({ ...each, names: [name, ...each.names] }))

/** What a struct was planned to do; `undefined` of any other combine. */
export const knownPlan = (combine: AnyCombine): Plan | undefined => structs.get(combine)

const planOf = (name: string, combine: AnyCombine): Plan => {
  const inner = structs.get(combine)
  if (inner !== undefined) return { leaves: under(name, inner.leaves), customs: under(name, inner.customs) }
  const part = partOf(combine)
  if (part !== undefined) return { leaves: [{ names: [name], part }], customs: [] }
  return { leaves: [], customs: [{ names: [name], combine }] }
}

/** What an add of these parts has to do. */
export const planStruct = (parts: Parts): Plan => {
  const plans = Object.keys(parts).map((name) => planOf(name, parts[name] as AnyCombine)) // name is one of its keys
  return { leaves: plans.flatMap((plan) => plan.leaves), customs: plans.flatMap((plan) => plan.customs) }
}

/** For error messages: `bar.volume: sum`. */
export const placeOf = ({ names, part }: Leaf): string => (names.length === 0 ? part.kind : `${names.join('.')}: ${part.kind}`)

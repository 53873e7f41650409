import { isData } from '../codec/data-check.js'
import type { Envelope } from '../envelope.js'
import type { Combine } from './combine.js'
import type { ColumnForm } from './slab.js'

/**
 * A built-in combine in two steps. `take` runs user code on the value and may throw; `apply` is ours and does not. So
 * a struct takes from all its parts before it applies to any, and an element that is bad for one part leaves all of
 * them as they were.
 */
export interface Part<A, Acc, B, X> {
  readonly kind: string
  /** Called for every element, needed or not: what it throws must not depend on the order of elements. */
  readonly take: (value: A) => X
  readonly accepts: Accepts
  readonly create: () => Acc
  readonly apply: (acc: Acc, taken: X, element: Envelope<A>) => Acc
  readonly merge: (a: Acc, b: Acc) => Acc
  readonly extract: (acc: Acc) => B
  /** How its accumulator lies in a slab. */
  readonly column: ColumnForm<Acc, X>
}

/**
 * What `take` may give: checked in the struct's own code, so that each user function has one call site that V8 can
 * inline.
 */
export type Accepts = 'number' | 'data' | 'nothing'

// Any part: the registry below cannot know the types of what it holds.
export type AnyPart = Part<any, any, any, any>

// By identity and not as a property: a copy that a user has changed (`{ ...combine.sum(f), add }`) is no built-in any
// more.
const parts = new WeakMap<object, AnyPart>()

/** The two steps of a built-in combine; `undefined` for a combine that users wrote. */
export const partOf = (combine: object): AnyPart | undefined => parts.get(combine)

const shown = (value: unknown): string => {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'object' && value !== null
        ? 'an object'
        : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** @throws always: what `taken` is, what was expected, and where (`sum` or `volume: sum`) */
export const refuseTaken = (where: string, taken: unknown, accepts: Accepts): never => {
  const wanted =
    accepts === 'number' ? 'a number' : 'data (null, boolean, number, well-formed string, bytes, or arrays and plain objects of these)'
  throw new TypeError(`combine ${where}: its function gave ${shown(taken)} (${typeof taken}); it must give ${wanted}`)
}

/** To the bottom: what is no Data would not fail its element, but the whole run, when the accumulator is saved. */
export const isTaken = (taken: unknown, accepts: Accepts): boolean =>
  typeof taken === 'number' || accepts === 'nothing' || (accepts === 'data' && isData(taken))

/** The combine of a part that stands alone. */
export const combineOf = <A, Acc, B, X>(part: Part<A, Acc, B, X>): Combine<A, Acc, B> => {
  const { kind, take, accepts, create, apply, merge, extract } = part
  const add = (acc: Acc, element: Envelope<A>): Acc => {
    const taken = take(element.value)
    if (!isTaken(taken, accepts)) refuseTaken(kind, taken, accepts)
    return apply(acc, taken, element)
  }
  const combine: Combine<A, Acc, B> = { kind, create, add, merge, extract }
  parts.set(combine, part)
  return combine
}

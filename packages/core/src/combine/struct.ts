import type { Combine } from './combine.js'
import { compileStruct } from './struct-code.js'
import { loopStruct } from './struct-loop.js'
import { planStruct, rememberPlan, type AnyCombine, type Parts } from './struct-plan.js'

/** What goes into every part at once: the intersection of their inputs. @public */
export type StructInput<S extends Parts> = {
  // `any`: only the input is asked for here.
  readonly [P in keyof S]: S[P] extends Combine<infer A, any, any> ? (value: A) => void : never
}[keyof S] extends (value: infer I) => void
  ? I
  : never

/** The parts' accumulators by name. @public */
export type StructAccumulator<S extends Parts> = {
  // `any`: only the accumulator is asked for here.
  [P in keyof S]: S[P] extends Combine<any, infer Acc, any> ? Acc : never
}

/** The parts' results by name. @public */
export type StructValue<S extends Parts> = {
  // `any`: only the result is asked for here.
  readonly [P in keyof S]: S[P] extends Combine<any, any, infer B> ? B : never
}

const refuse = (message: string): never => {
  throw new TypeError(`combine.struct: ${message}`)
}

const checkParts = (parts: Parts): void => {
  const prototype: unknown = Object.getPrototypeOf(parts)
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(
      'the parts must be the own properties of one plain object (a part written as { __proto__: … } is none of them: rename it)',
    )
  }
  if (Object.hasOwn(parts, '__proto__'))
    refuse('a part cannot be named "__proto__", which plain objects treat in their own way: rename it')
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part?.add !== 'function')
      refuse(`part ${JSON.stringify(name)} is no combine (create, add, merge, extract)`)
  }
}

// Names that could be taken for the notation itself are quoted, so that different structs have different kinds.
const shownName = (name: string): string => (/^[\w$]+$/.test(name) ? name : JSON.stringify(name))

const kindOf = (parts: Parts): string =>
  `struct{${Object.keys(parts)
    .sort()
    .map((name) => `${shownName(name)}:${parts[name]?.kind ?? 'custom'}`)
    .join(',')}}`

/**
 * Several combines over the same elements, as one. Takes what all parts take, gives an object with their results
 * under their names, in the order given. An element whose function throws in one part is added to none. A function that
 * several parts share may be called once for all of them.
 *
 * The add is generated code (with a slower way where `new Function` is forbidden). Of several parts that users wrote,
 * each adds to an empty accumulator that is then merged, so that one that throws cannot leave another half done.
 * @throws TypeError at construction if a part is no combine or is named `__proto__`
 * @public
 */
export const struct = <S extends Parts>(parts: S): Combine<StructInput<S>, StructAccumulator<S>, StructValue<S>> => {
  checkParts(parts)
  const own: Parts = { ...parts }
  const plan = planStruct(own)
  const combine: AnyCombine = { kind: kindOf(own), ...build(own, plan) }
  rememberPlan(combine, plan)
  return combine
}

const build = (parts: Parts, plan: ReturnType<typeof planStruct>): AnyCombine => {
  try {
    return compileStruct(parts, plan)
  } catch (error) {
    if (error instanceof EvalError) return loopStruct(parts, plan)
    throw error
  }
}

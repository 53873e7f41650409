/** What JavaScript types a value has at all: a set of bits. */
export const Kind = {
  string: 1,
  number: 2,
  boolean: 4,
  bigint: 8,
  null: 16,
  undefined: 32,
  array: 64,
  record: 128,
  any: 1023,
} as const

/**
 * What a guard checks, taken from a codec: the one structure that both flavours are made from, so that they cannot
 * differ in what they support.
 *
 * Every check ends in one of three ways, and the soundness of unions hangs on keeping the last two apart:
 * - **accept**: io-ts gives the value back as it is;
 * - **fail**: io-ts rejects it, without a doubt and without throwing;
 * - **abort**: anything else. io-ts might accept it, strip it, fill something in, copy it, or throw. The whole guard
 *   answers `false`.
 *
 * Of a union, members are tried in order, as io-ts does, and the next one only after a *fail*: so a member that would
 * strip or fill in is never passed over.
 *
 * `kinds` holds every kind of value for which io-ts would go beyond the first check of this codec. `predicated`: a
 * user's predicate is called somewhere inside. io-ts goes on after the first fault, so a guard that stops there skips
 * predicates that io-ts would call, and that may throw: then the fault is an abort.
 */
export type Plan = Checks & { readonly kinds: number; readonly predicated: boolean }

/** What a plan checks, by `op`: the checks of one codec of io-ts each. */
export type Checks =
  | { readonly op: Primitive }
  | { readonly op: 'literal'; readonly value: string | number | boolean }
  | { readonly op: 'keyof'; readonly keys: object }
  | { readonly op: 'refinement'; readonly inner: Plan; readonly predicate: (value: unknown) => unknown }
  | { readonly op: 'array'; readonly item: Plan }
  | { readonly op: 'tuple'; readonly items: readonly Plan[] }
  | { readonly op: 'object'; readonly props: readonly PropPlan[] }
  | { readonly op: 'record'; readonly domain: Plan; readonly codomain: Plan }
  | { readonly op: 'exact'; readonly inner: Plan; readonly keys: readonly string[] }
  | { readonly op: 'union'; readonly members: readonly Plan[]; readonly tagged: boolean }
  | { readonly op: 'intersection'; readonly members: readonly Plan[] }

/** Checks without parts: of the type alone. */
export type Primitive =
  | 'null' | 'undefined' | 'unknown' | 'never' | 'string' | 'number' | 'bigint' | 'boolean' | 'anyArray' | 'anyRecord'

/** One property. An optional one may be absent or undefined, and io-ts then ignores what its codec says. */
export interface PropPlan {
  readonly key: string
  readonly plan: Plan
  readonly optional: boolean
}

/** Whether io-ts would do more than reject `undefined` at this place. */
export const takesUndefined = (plan: Plan): boolean => (plan.kinds & Kind.undefined) !== 0

/**
 * Whether `undefined` is let pass unseen. Of an optional property io-ts ignores what the codec says of `undefined`; but
 * it does ask, and a predicate may throw. (One that only says no is a fault here: an abort, as any beside a predicate.)
 */
export const ignoresUndefined = (plan: Plan, optional: boolean): boolean =>
  optional && !(takesUndefined(plan) && plan.predicated)

/** Whether a fault inside, beyond the first check, may have skipped a predicate that io-ts calls. */
export const mayHaveSkipped = (plan: Plan): boolean =>
  plan.predicated && plan.op !== 'refinement' && plan.op !== 'union'

/** Whether every one of these begins by rejecting all that is no record, so that one check can do it for all. */
export const startWithRecord = (plans: readonly Plan[]): boolean => plans.length > 0 && plans.every(startsWithRecord)

const startsWithRecord = (plan: Plan): boolean =>
  RECORDS.has(plan.op) || (plan.op === 'refinement' && startsWithRecord(plan.inner))

const RECORDS: ReadonlySet<Plan['op']> = new Set<Plan['op']>(['object', 'exact', 'record', 'anyRecord'])

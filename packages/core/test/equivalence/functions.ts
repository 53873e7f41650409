import { map as rxMap, type OperatorFunction } from 'rxjs'
import type { Batch } from '@millrace/core'
import { canonical } from './canonical.js'
import { mix } from './dice.js'

// The functions of random pipelines: pure, by name and salt, and not careful with what they are given — a value without the
// fields they want makes them throw, which is what a user's function would do.

// any: values of random pipelines have whatever shape the input and the stages before gave them
type Value = any
type Functions<F> = Readonly<Record<string, (salt: number) => F>>

/** True for one value in about `n`, by its id. */
const hit = (value: Value, salt: number, n: number): boolean => mix(value.id, salt) % n === 0

const throwSomething = (salt: number): never => {
  if (salt % 3 === 0) throw `a text, ${salt}`
  if (salt % 3 === 1) throw undefined
  throw new RangeError(`no ${salt}`)
}

export const maps: Functions<(value: Value) => unknown> = {
  same: () => (value) => value,
  tag: (salt) => (value) => ({ ...value, m: (value.m ?? 0) * 3 + (salt % 10) }),
  scale: (salt) => (value) => ({ ...value, x: value.x * (1 + (salt % 5) / 10) }),
  throws: (salt) => (value) => (hit(value, salt, 5) ? throwSomething(salt) : value),
  rekey: (salt) => (value) => (hit(value, salt, 2) ? { ...value, k: `${value.k}!` } : value),
  shift: (salt) => (value) => ({ ...value, t: value.t - (salt % 30) }),
  fromPane: (salt) => (pane) => ({
    id: mix(canonical(pane.value), salt),
    k: [...pane.key].slice(0, 1).join(''),
    t: pane.window.startMillis,
    x: typeof pane.value === 'number' ? pane.value : (mix(canonical(pane.value), salt) % 1_000) / 10,
    c: pane.complete && pane.isLast && pane.index === 0 && pane.timing === 'onTime',
  }),
}

export const filters: Functions<(value: Value) => boolean> = {
  some: (salt) => (value) => !hit(value, salt, 3),
  few: (salt) => (value) => hit(value, salt, 4),
  all: () => () => true,
  none: () => (value) => value.id === Number.MIN_VALUE,
  // as: truthy will do, as it does in JavaScript
  truthy: () => (value) => value.x as boolean,
  throws: (salt) => (value) => (hit(value, salt, 6) ? throwSomething(salt) : !hit(value, salt + 1, 4)),
}

const copies = (value: Value, n: number): unknown[] =>
  Array.from({ length: n }, (_, i) => ({ ...value, id: mix(value.id, i), t: value.t + (i % 3) - 1 }))

function* breaking(value: Value, salt: number): Iterable<unknown> {
  const made = copies(value, 1 + (mix(value.id, salt) % 3))
  yield* made
  if (hit(value, salt, 4)) throwSomething(salt)
}

export const flatMaps: Functions<(value: Value) => Iterable<unknown>> = {
  items: () => (value) => value.items ?? [value],
  itemsOnly: () => (value) => value.items,
  copies: (salt) => (value) => copies(value, mix(value.id, salt) % 4),
  breaking: (salt) => (value) => breaking(value, salt),
  set: (salt) => (value) => new Set(copies(value, mix(value.id, salt) % 3)),
  nothing: () => () => [],
  wide: () => (value) => copies(value, 17),
}

export const keys: Functions<(value: Value) => string> = {
  k: () => (value) => value.k,
  paneKey: () => (pane) => pane.key,
  constant: () => () => 'all',
  parity: (salt) => (value) => String(mix(value.id, salt) % 2),
  throws: (salt) => (value) => (hit(value, salt, 5) ? throwSomething(salt) : value.k),
  broken: (salt) => (value) => (hit(value, salt, 4) ? `${value.k}\ud800` : value.k),
  // as: what a user's function gives who did not look
  unclean: (salt) => (value) => (hit(value, salt, 5) ? (value.id as string) : value.k),
}

export const asyncMaps: Functions<(value: Value, signal: AbortSignal) => Promise<unknown>> = {
  soon: (salt) => async (value) => {
    // Calls end in another order than they began.
    for (let turns = mix(value.id, salt) % 5; turns > 0; turns--) await Promise.resolve()
    return { ...value, a: salt % 7 }
  },
  rejects: (salt) => async (value) => {
    await Promise.resolve()
    return hit(value, salt, 4) ? throwSomething(salt) : value
  },
  throws: (salt) => (value) => (hit(value, salt, 4) ? throwSomething(salt) : Promise.resolve(value)),
}

const eachEnvelope = (
  f: (envelope: Batch<Value>['envelopes'][number]) => unknown,
): OperatorFunction<Batch<Value>, Batch<unknown>> =>
  rxMap(({ envelopes, bytes }) => ({
    bytes,
    envelopes: envelopes.map((envelope) => ({ ...envelope, value: f(envelope) })),
  }))

export const throughs: Functions<OperatorFunction<Batch<Value>, Batch<unknown>>> = {
  stamp: () =>
    eachEnvelope(({ value, eventTimeMillis, path, origin }) => ({
      ...value,
      s: [eventTimeMillis, path.length, origin.partition],
    })),
  some: (salt) =>
    rxMap(({ envelopes, bytes }) => ({
      bytes,
      envelopes: envelopes.filter(({ value }) => mix(canonical(value), salt) % 3 !== 0),
    })),
}

/** Event time, wherever the value has it. */
export const timeOf =
  (salt: number) =>
  (value: Value): number =>
    hit(value, salt, 40) ? throwSomething(salt) : value.t

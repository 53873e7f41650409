import type { Envelope } from '../envelope.js'

/**
 * How elements of one key and window become one value. Commutative and associative up to the element's order (event
 * time, then origin, then path; `compareElements`), so that every engine gives one answer, to the bit. Accumulators
 * start empty and are `Data` (checked when they are saved). `add` and `merge` may change and return their first
 * argument; an `add` that throws must leave it as it was. `merge` and `extract` must not throw, and `merge` leaves
 * its second argument alone. The envelope is valid only during the call.
 *
 * An accumulator that was read back from a checkpoint is best used as `merge(create(), restored)`: so it has the
 * shape that V8 knows from `create`.
 * @public
 */
export interface Combine<A, Acc, B> {
  /** Part of the graph's hash: names the kind and its parts, `struct{high:max,open:first}`; default `custom`. */
  readonly kind?: string
  readonly create: () => Acc
  readonly add: (acc: Acc, element: Envelope<A>) => Acc
  readonly merge: (a: Acc, b: Acc) => Acc
  readonly extract: (acc: Acc) => B
}

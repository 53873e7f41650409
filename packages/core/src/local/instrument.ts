import type { CheckpointStore, Store } from '../store.js'
import type { Clock } from '../time/clock.js'
import type { Data } from '../data.js'
import type { Guarantee, Sink } from '../sink.js'
import type { Source } from '../source.js'
import type { Traits } from '../traits.js'

/**
 * Wraps every port of a run before the runtime uses it: crash points and faults get in here. Each method gives a port
 * of the same shape (optional methods that are absent stay absent) and is called once per port and run; a sink's `store`
 * is left as it is, because the runtime passes each store to `store` once, however many sinks share it.
 * @public
 */
export interface Instrument {
  source<A, O extends Data, R extends Traits['reach']>(source: Source<A, O, R>): Source<A, O, R>
  sink<A, R extends Traits['reach'], P extends Traits['panes'], G extends Guarantee>(
    sink: Sink<A, R, P, G>,
  ): Sink<A, R, P, G>
  store(store: Store): Store
  checkpoints(checkpoints: CheckpointStore): CheckpointStore
  clock(clock: Clock): Clock
}

import type { Data } from './data.js'
import type { Failure } from './failure.js'
import type { Row } from './row.js'
import type { SourceContext } from './source.js'
import type { Store } from './store.js'
import type { Traits } from './traits.js'

export type { Row }

/** What became of one row. @public */
export type Outcome =
  | { readonly _tag: 'Written' }
  | { readonly _tag: 'Rejected'; readonly failure: Failure }
  | { readonly _tag: 'Retry'; readonly failure: Failure; readonly afterMillis?: number }

/**
 * `exact`: prepare/commit with the epoch, or rows of a store. `idempotent`: the same rowId is the same row. `repeating`: a
 * crash may repeat rows, told apart by rowId.
 * @public
 */
export type Guarantee = 'exact' | 'idempotent' | 'repeating'

/** What core hands to a sink. @public */
export interface SinkContext extends Omit<SourceContext, 'credit' | 'runStartedAtMillis' | 'listening' | 'ending'> {
  readonly pipeline: string
  readonly version: string
}

/** Accepts rows. Constructing one opens nothing. @public */
export interface Sink<A, R extends Traits['reach'], Accepts extends Traits['panes'], G extends Guarantee> {
  readonly name: string
  readonly reach: R
  readonly accepts: Accepts
  readonly guarantee: G
  open(context: SinkContext): Promise<SinkWriter<A>>
  /** Sinks of one store commit in one transaction, and the store hosts the checkpoint. */
  readonly store?: Store
}

/** An open sink. Core calls one method at a time, but for `close`. @public */
export interface SinkWriter<A> {
  /**
   * One outcome per row, by index. A sink of a store only judges here: what it answers `Written` for is handed to its store
   * with the epoch (`Host.commitEpoch`), under the sink's name.
   */
  // A property, not a method: a method's parameter is compared both ways, and a sink of other rows would compile.
  readonly write: (rows: readonly Row<A>[]) => Promise<readonly Outcome[]>
  /** Make all rows of this epoch durable but not visible; the token goes into the checkpoint (for a small epoch it may be the rows themselves). */
  prepare?(epoch: number): Promise<Data>
  /** Make them visible. Idempotent: recovery calls it again with the last token. */
  commit?(epoch: number, token: Data): Promise<void>
  /** Idempotent; works while a write is stuck. */
  close(): Promise<void>
}

import type { Guarantee, Sink } from '../sink.js'
import type { Traits } from '../traits.js'

/** What a sink can do; cases are skipped by it. @public */
export interface SinkHarnessCapabilities {
  readonly guarantee: Guarantee
  /** It belongs to a store, which commits its rows with the checkpoint; default false. */
  readonly hosted?: boolean
  /** There are values that it rejects: the fixture makes them; default false. */
  readonly rejects?: boolean
  /** Rows are keyed and owned by the run that wrote them, so its store knows conflicts, replacement and rollback; default false. */
  readonly runs?: boolean
}

/** A target, and sinks into it. @public */
export interface SinkFixture<A> {
  /** A new sink value into the same target, as a restarted process makes it. Opens nothing. */
  sink(): Sink<A, Traits['reach'], Traits['panes'], Guarantee>
  /**
   * A good value: another one, with another key, for each `index` from 0. The same key with other content for each `revision`:
   * what a later run would write in its place.
   */
  value(index: number, revision?: number): A
  /** A value that the sink must reject; needed where `rejects` is declared. */
  badValue?(index: number): A
  /** What a reader of the target sees now, in any order: each row as `show` gives it. Called while the sink is open, and after. */
  received(): Promise<readonly string[]>
  /** A value as text: equal for what was written and what is read back. */
  show(value: A): string
  /** Removes the target. Called after the sinks are closed. */
  close(): Promise<void>
}

/** How the sink suite gets at a sink. @public */
export interface SinkHarness<A> {
  readonly capabilities: SinkHarnessCapabilities
  /** Makes a fresh, empty target. */
  open(): Promise<SinkFixture<A>>
  /** Rows in a large write; default 1,000. */
  readonly manyRows?: number
  /** For one case; default 10,000. */
  readonly deadlineMillis?: number
}

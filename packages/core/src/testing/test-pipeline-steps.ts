import type { DeadLetter } from '../dead-letter/row.js'
import type { Gap, GapRow } from '../gap.js'
import type { SendOptions } from './test-pipeline-input.js'

/** Some fields of a row: equal, or, where they are texts, fitting an expression. @public */
export type SomeFields<A> = { readonly [K in keyof A]?: A[K] | RegExp }

/**
 * A pipeline under test. Steps are taken one after the other, each when the one before has come to rest; `await` the chain, or each step.
 * The first step that fails ends the run, and those behind it are not taken: the chain rejects with its error.
 *
 * To expect is to expect **all that has come since** that was last expected of the same stage, in any order.
 * @public
 */
export interface PipelineTest extends PromiseLike<void> {
  /**
   * Hands records to a read, one for each value. Where they are parsed as JSON, a text stands for its bytes, and a plain value for
   * its JSON.
   */
  send(read: string, values: readonly unknown[], options?: SendOptions): PipelineTest
  /** A read heard nothing for a while. */
  gap(read: string, gap: Gap): PipelineTest
  /**
   * No earlier event time comes any more: windows that end by then fire, and what comes earlier all the same is late.
   * @param toMillis - Unix epoch; not before what it was
   * @param read - whose; default: of all
   */
  advanceWatermark(toMillis: number, read?: string): PipelineTest
  /** Time passes for the pipeline: idle sources, time-outs. The clock stands still otherwise. @param byMillis - ≥ 0 */
  advanceClock(byMillis: number): PipelineTest
  /** These rows were written, and no others. Compared field by field; in a row, fields may be in any order. */
  expect(write: string, rows: readonly unknown[]): PipelineTest
  /** These dead letters were made, and no others. */
  expectDeadLetters(letters: readonly SomeFields<DeadLetter>[]): PipelineTest
  /** These gaps were written, and no others; of a pipeline with `gaps`. */
  expectGaps(gaps: readonly SomeFields<GapRow>[]): PipelineTest
  /** No row, dead letter or gap has come that was not expected, of any stage. */
  expectNothingElse(): PipelineTest
  /** Every record that went in has come out, as one row or more, a dead letter, or part of a window, or was filtered. */
  expectLedgerBalanced(): PipelineTest
  /** The input ends: all windows fire, and the run is over. What came of it can be expected after. */
  end(): PipelineTest
  /** Everything that was written so far. */
  rows<A>(write: string): Promise<readonly A[]>
  /** Every dead letter so far. */
  deadLetters(): Promise<readonly DeadLetter[]>
}

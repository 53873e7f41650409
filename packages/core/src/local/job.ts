import type { Observable } from 'rxjs'
import type { Ledger } from '../delivery/ledger.js'

/** How a run is doing; sampled at most every 100 ms. @public */
export interface JobStatus {
  readonly phase: 'starting' | 'reading' | 'firing' | 'done'
  /** Records read by this process. */
  readonly records: number
  /** Bytes of the sources, as they lie outside (packed); `total` is undefined where a source does not know. */
  readonly bytes: { readonly done: number; readonly total: number | undefined }
  /** Least watermark of all reads; −∞ while a bounded source is read. */
  readonly watermarkMillis: number
  readonly openWindows: number
  /** What waits between the sources and the stages. */
  readonly queued: { readonly records: number; readonly bytes: number }
  /** Whether any source is connected and reading. */
  readonly listening: boolean
  /** Gaps of the sources, as this process has seen them. */
  readonly gaps: number
  readonly ledger: Ledger
}

/** How a run ended. @public */
export interface RunSummary {
  /** Cumulative over the crashes and restarts of this run. */
  readonly total: Ledger
  /** What this process committed. */
  readonly thisRun: Ledger
  readonly run: {
    /** Of a bounded run: names its input, and who owns its rows. */
    readonly id: string | undefined
    /** `alreadyDone`: the same input was finished before, nothing was read. `stopped`: resumable. */
    readonly outcome: 'finished' | 'alreadyDone' | 'stopped'
    /** This process went on where an earlier one stopped. */
    readonly resumed: boolean
    /** With `replace`: files of replaced runs that this one does not have. */
    readonly droppedOut: readonly string[]
  }
}

/** How a run is to end. @public */
export interface EndOptions {
  /**
   * How long it may take, ≥ 0; then the run is cancelled and `done` rejects (`Deadline`, `DeadlineExceeded`), naming what held it.
   * Default: for ever.
   */
  readonly deadlineMillis?: number
}

/** A run under way. @public */
export interface Job {
  /** Ends with the run; errors never: they are `done`'s. */
  readonly status$: Observable<JobStatus>
  /** As of now, including what is not yet committed. */
  readonly ledger: Ledger
  /** Stops reading, makes a checkpoint and ends; windows stay open, the same run can be resumed. */
  stop(options?: EndOptions): Promise<RunSummary>
  /**
   * Stops reading, fires all windows and ends for good: an unbounded pipeline that was drained is refused when it is run again. A bounded
   * run ends so by itself: there it is waited for, to its end.
   */
  drain(options?: EndOptions): Promise<RunSummary>
  /** Ends at once, as a crash would, also while a sink is stuck: nothing since the last checkpoint is kept. `done` rejects (`Cancelled`). */
  cancel(): Promise<void>
  /**
   * Resolves when the run has ended. Rejects with what it failed of: the `ConnectorError` of a source, sink or store (the very one,
   * once the retries are used up), a `RefusedError` if it was understood and not done, or what else was thrown.
   */
  readonly done: Promise<RunSummary>
}

import type { Data } from './data.js'
import type { Row } from './row.js'
import type { Clock } from './time/clock.js'

/**
 * What one epoch adds to the checkpoint. `header` replaces the one before (graph, counters, ledger, tokens);
 * `changes` (windows, offsets, watermarks, runs) is appended to the log of state changes, after the log was emptied if `reset`.
 * @public
 */
export interface CheckpointWrite {
  readonly header: Data
  readonly reset: boolean
  /** Packed changes of state since the last checkpoint; empty when nothing changed. To be copied by who keeps them longer than the write lasts. */
  readonly changes: readonly Uint8Array[]
}

/** A checkpoint as it is read back: the last header and every change since the last reset, in order. @public */
export interface StoredCheckpoint {
  readonly header: Data
  readonly changes: readonly Uint8Array[]
}

/** Durable checkpoints, by pipeline name: after `write` resolves, `read` gives it back, also after `kill -9`; a torn write gives the one before. @public */
export interface CheckpointStore {
  read(pipeline: string): Promise<StoredCheckpoint | undefined>
  write(pipeline: string, checkpoint: CheckpointWrite): Promise<void>
  close(): Promise<void>
}

/** On whose behalf a bounded run writes: keyed rows are owned by the run that wrote them. @public */
export interface RunClaim {
  readonly id: string
  /** Every run of which this epoch touches a row is deleted whole, in the same transaction. Otherwise such a row is a conflict. */
  readonly replace: boolean
  /** Runs that are replaced: without `replace`, rows of theirs are no conflict but taken over one by one, and all that they still own is deleted with the first epoch that has `last`. */
  readonly replaces: readonly string[]
  /** The run's last epoch. */
  readonly last: boolean
}

/** Everything of one epoch that a store commits in one transaction. @public */
export interface EpochCommit {
  readonly pipeline: string
  readonly version: string
  readonly number: number
  /** By sink name: the rows its writer answered `Written` for, in order (a later row of the same key wins). */
  readonly rows: ReadonlyMap<string, readonly Row<unknown>[]>
  readonly checkpoint: CheckpointWrite
  /** Only for bounded runs. */
  readonly run?: RunClaim
}

/** What a commit found or did to the rows of other runs. @public */
export type CommitResult =
  | { readonly _tag: 'Committed'; readonly replaced: readonly string[] }
  /**
   * Nothing was written: `example` names a row (table and key) that the run `owner` wrote (`undefined`: written outside of any run, or,
   * with `replace`, by one that is not this pipeline's to replace). `pipeline` is the owner's, where it is another one.
   */
  | { readonly _tag: 'Conflict'; readonly owner: string | undefined; readonly pipeline?: string; readonly example: string }

/** An open store. Core calls one method at a time, but for `close`. @public */
export interface Host {
  commitEpoch(epoch: EpochCommit): Promise<CommitResult>
  readCheckpoint(pipeline: string): Promise<StoredCheckpoint | undefined>
  /** Delete every row the run owns and write the checkpoint, in one transaction: a refused run leaves nothing behind. */
  rollbackRun(pipeline: string, run: string, checkpoint: CheckpointWrite): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

/** Sinks of one store commit in one transaction, and it hosts the checkpoint. @public */
export interface Store {
  /** Equal for the same store, whatever the path (device and inode, say). */
  readonly id: string
  /** Opens, or refuses with a `RefusedError` that names the owner and the remedy. Called before the sinks are opened. */
  open(context: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<Host>
}

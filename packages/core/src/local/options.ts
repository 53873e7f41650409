import type { RetryPolicy } from '../delivery/retry.js'
import type { Logger } from '../logger.js'
import type { CheckpointStore } from '../store.js'
import type { Clock } from '../time/clock.js'
import type { Instrument } from './instrument.js'

/** How `runLocal` runs a pipeline. All have defaults. @public */
export interface LocalOptions {
  /**
   * Where checkpoints go if no sink's store hosts them: `fileCheckpoints`, say. Without either the run keeps none: it cannot be
   * resumed, and after a crash begins again. The run closes it when it ends: give each run one of its own.
   */
  readonly checkpoints?: CheckpointStore
  /**
   * Bounded runs: delete what overlapping runs wrote and read exactly what is given; default `false`. Refused where other runs wrote
   * to sinks without a store, which cannot take rows back.
   */
  readonly replace?: boolean
  /** Default the machine's. */
  readonly clock?: Clock
  /** In [0, 1); default the machine's. */
  readonly random?: () => number
  /** Told of what is no error but may be worth knowing (ignored files, reconnections); default: nobody. */
  readonly logger?: Logger
  /**
   * The longest time between checkpoints while records come, ≥ 0; 0 makes one after every batch; default 1,000. The first ones of a
   * process come sooner (after 100, 200, 400, … ms), so that a run that is killed again and again gets on.
   */
  readonly epochMillis?: number
  /** The shortest time between two checkpoints that fired panes ask for; default 100. */
  readonly paneEpochMillis?: number
  /** Partitions of a bounded source read at once, ≥ 1; default 4. */
  readonly concurrency?: number
  /** Records that may wait between a source and the stages; default 4,096. */
  readonly maxQueuedRecords?: number
  /** Bytes likewise; default 8 MiB. */
  readonly maxQueuedBytes?: number
  readonly retry?: Partial<RetryPolicy>
  /** Wraps every port: crash points and faults, in tests. */
  readonly instrument?: Instrument
  /**
   * Loses a batch on its way if it answers true, in tests: the ledger must see it. `from` and `to` are names of stages; `intake` stands
   * before reads, `dead letters` behind every stage, and `sink` behind writes and dead letters.
   */
  readonly drop?: (from: string, to: string) => boolean
}

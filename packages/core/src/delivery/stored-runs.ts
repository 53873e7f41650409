import type { StoredCheckpoint } from '../store.js'
import { restoreCheckpoint } from './checkpoint-form.js'

/** A bounded run, as the checkpoint of its pipeline remembers it. @public */
export interface StoredRun {
  /** Unix epoch milliseconds. */
  readonly startedAtMillis: number
  /** Of a run that is not, the rows are a part of what they will be. */
  readonly finished: boolean
  /** Names of the partitions that it was given. */
  readonly files: readonly string[]
}

/**
 * The bounded runs whose rows are in the sinks, for reports that must not take a part for the whole.
 * @throws ConnectorError `DataLoss` if the checkpoint is damaged, or written by a version that this one does not know
 * @public
 */
export const storedRuns = (pipeline: string, stored: StoredCheckpoint): readonly StoredRun[] =>
  [...restoreCheckpoint(pipeline, stored).state.runs.values()].map(({ startedAtMillis, finished, files }) => ({
    startedAtMillis, finished, files: files.map(({ name }) => name),
  }))

import type { Data, Ledger, RefusedError } from '@millrace/core'
import type { RunFile, RunRecord } from '#src/delivery/run-record.js'

/** A file as a run remembers it. */
export const file = (name: string, fingerprint: Data = { size: 10, mtimeMillis: 1 }): RunFile => ({ name, fingerprint })

/** Equal for equal files, as a real one is. */
export const identityOf = (files: readonly RunFile[]): string => JSON.stringify(files.map(({ name, fingerprint }) => [name, fingerprint]))

/** A run that was remembered. */
export const record = (id: string, files: readonly RunFile[], more: Partial<RunRecord> = {}): RunRecord => ({
  id,
  identity: identityOf(files),
  startedAtMillis: Date.UTC(2024, 0, 2),
  finished: true,
  files,
  replaces: [],
  droppedOut: [],
  ...more,
})

export const unfinished = (id: string, files: readonly RunFile[], more: Partial<RunRecord> = {}): RunRecord => record(id, files, { finished: false, ...more })

export const noLedger: Ledger = { read: 0, made: 0, expanded: 0, filtered: 0, deduplicated: 0, aggregated: 0, delivered: {}, deadLettered: 0, inFlight: 0, unaccounted: 0 }

/** What a call was refused with. */
export const refusalOf = (run: () => unknown): RefusedError => {
  try {
    run()
  } catch (error) {
    return error as RefusedError // as: what is expected; a test looks at its tag and message
  }
  throw new Error('it was not refused')
}

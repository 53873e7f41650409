/**
 * What was read from the file once and is known since: no other process can change it. Forgotten with every transaction that
 * was not committed.
 */
export class Known {
  /** By pipeline: the number that the next change of state gets. */
  readonly nextChange = new Map<string, number>()
  /** By {@link runKey}. */
  readonly runs = new Map<string, number>()

  forget(): void {
    this.nextChange.clear()
    this.runs.clear()
  }
}

/** A run, across pipelines. */
export const runKey = (pipeline: string, run: string): string => JSON.stringify([pipeline, run])

import { statSync } from 'node:fs'
import { type Clock, ConnectorError } from '@millrace/core'
import { attach, type Cataloged, detached } from './catalog.js'
import { classifyOpening } from './errors.js'
import { identifyFile } from './file-identity.js'
import type { MemoryLimit } from './memory-limit.js'

/** A file that an instance has open. */
export interface Attached extends Cataloged {
  readonly id: string
  readonly path: string
  readonly memory: MemoryLimit
  readonly renewal: Renewal
  /** Why nothing more can be done with it: a commit failed, or `renew`. It is to be closed and opened again. */
  broken?: ConnectorError
}

/**
 * Of 256 MiB DuckDB remembers 1 MB if they are dead letters of some kilobytes, and 7 MB if they are the smallest there are.
 * Renewing takes 5 to 20 ms.
 */
const RENEW_AFTER_BYTES = 256 * 2 ** 20

/** While the file is detached another process can open it. Of one that only looks into it we wait for the end. */
const WAIT_MILLIS = 60_000
const LONGEST_PAUSE_MILLIS = 100

/** Never throws: a file that cannot be looked at is not renewed. */
const sizeOf = (path: string): number => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0
  } catch {
    return 0
  }
}

const logSizeOf = (path: string): number => sizeOf(`${path}.wal`)

/** Changes when anybody writes. Asked of the name: closing any handle of a file gives up the process's lock on it. */
const stampOf = (path: string): string => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'gone' : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${logSizeOf(path)}`
}

/** When a file has grown enough to be renewed. */
export class Renewal {
  #renewedBytes: number

  constructor(
    readonly path: string,
    readonly afterBytes = RENEW_AFTER_BYTES,
    readonly waitMillis = WAIT_MILLIS,
  ) {
    this.#renewedBytes = sizeOf(path)
  }

  /**
   * Only if nothing is in the log: then the file can be detached without being written. While somebody asks it, it is put off,
   * since writers would wait for the answer; but not for ever.
   */
  isDue(isAsked: boolean): boolean {
    const grownBytes = sizeOf(this.path) - this.#renewedBytes
    return grownBytes >= this.afterBytes * (isAsked ? 2 : 1) && logSizeOf(this.path) === 0
  }

  done(): void {
    this.#renewedBytes = sizeOf(this.path)
  }
}

/** How a run waits. */
export interface Waiting {
  readonly clock: Clock
  readonly signal: AbortSignal
}

const attachAgain = async ({ instance, path, renewal }: Attached, { clock, signal }: Waiting): Promise<void> => {
  const deadline = clock.now() + renewal.waitMillis
  for (let pauseMillis = 1; ; pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS)) {
    try {
      return await attach(instance, path)
    } catch (error) {
      if (clock.now() >= deadline) throw error
    }
    await clock.sleep(pauseMillis, signal)
  }
}

const lostMeanwhile = (path: string, error: unknown): ConnectorError =>
  new ConnectorError({
    _tag: 'DatabaseTaken', code: 'Unavailable', cause: error,
    message: `${path} was let go for a moment, to free memory, and could not be opened again: ${classifyOpening(error, path).message} ` +
      'Run the pipeline again when the file is free: it goes on from its last commit.',
  })

const changedMeanwhile = (path: string): ConnectorError =>
  new ConnectorError({
    _tag: 'DatabaseChanged', code: 'Aborted',
    message: `Somebody else wrote into ${path} while a pipeline used it: see to it that nobody does, and run the pipeline again.`,
  })

const reattach = async (database: Attached, stamp: string, waiting: Waiting): Promise<void> => {
  const { path } = database
  try {
    await attachAgain(database, waiting)
  } catch (error) {
    database.broken = lostMeanwhile(path, error)
    return
  }
  // What core knows of the checkpoint, and we of runs, may not be so any more.
  if (stampOf(path) !== stamp) database.broken = changedMeanwhile(path)
}

/**
 * Makes DuckDB forget what it remembers of the file, which no limit bounds: as long as a file is attached, 1 KB for every
 * piece of a column that was written to it. Measured: 20 MB for a million dead letters. Of a file that was attached anew it
 * reads what it needs. To be called in a writer's turn, while nobody opens the file. Does not throw: what went wrong is `broken`.
 */
export const renew = async (database: Attached, waiting: Waiting): Promise<void> => {
  const { id, path, memory, renewal } = database
  try {
    // Deleted, or another file by now: what is written goes on going into the one that is open.
    if (database.broken !== undefined || identifyFile(path).id !== id) return
    // Before it is let go: whoever comes then is seen.
    const stamp = stampOf(path)
    await memory.lifted(() => detached(database, () => reattach(database, stamp, waiting)))
    renewal.done()
  } catch {
    // It is not detached, and as sound as before: the next time, then.
  }
}

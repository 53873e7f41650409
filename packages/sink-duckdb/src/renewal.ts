import { statSync } from 'node:fs'
import type { DuckDBInstance } from '@duckdb/node-api'
import { ConnectorError } from '@millrace/core'
import { attach, detached } from './catalog.js'
import { classifyOpening } from './errors.js'
import { Exclusive } from './exclusive.js'
import { identifyFile } from './file-identity.js'
import type { MemoryLimit } from './memory-limit.js'

/** A file that an instance has open. */
export interface Attached {
  readonly id: string
  readonly path: string
  readonly instance: DuckDBInstance
  readonly memory: MemoryLimit
  /** Why nothing more can be done with it: a commit failed, or `renew`. It is to be closed and opened again. */
  broken?: ConnectorError
}

/**
 * Of 256 MiB DuckDB remembers 1 MB if they are dead letters of some kilobytes, and 7 MB if they are the smallest there are.
 * Renewing takes 5 to 20 ms.
 */
const RENEW_AFTER_BYTES = 256 * 2 ** 20

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const logSizeOf = (path: string): number => sizeOf(`${path}.wal`)

/** Changes when anybody writes. Asked of the name: closing any handle of a file gives up the process's lock on it. */
const stampOf = (path: string): string => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'gone' : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${logSizeOf(path)}`
}

const isStillThere = ({ id, path }: Attached): boolean => {
  try {
    return identifyFile(path).id === id
  } catch {
    // A second hard link, say.
    return false
  }
}

/**
 * The turns of writers. Between two of them a file that has grown is renewed, if nothing of it is in its log: then it can be
 * detached without being written.
 */
export class Turns extends Exclusive {
  #renewedBytes: number

  /** @param isFree - whether nobody asks the file: writers would wait for the answer */
  constructor(
    readonly path: string,
    readonly isFree: () => boolean,
    readonly renew: () => Promise<void>,
    readonly renewAfterBytes = RENEW_AFTER_BYTES,
  ) {
    super()
    this.#renewedBytes = sizeOf(path)
  }

  override run<A>(work: () => Promise<A>): Promise<A> {
    return super.run(async () => {
      const result = await work()
      if (this.#isDue()) await this.#renew()
      return result
    })
  }

  #isDue(): boolean {
    return sizeOf(this.path) >= this.#renewedBytes + this.renewAfterBytes && logSizeOf(this.path) === 0 && this.isFree()
  }

  async #renew(): Promise<void> {
    await this.renew()
    this.#renewedBytes = sizeOf(this.path)
  }
}

/**
 * While the file is detached another process can open it. Of one that only looks into it we wait for the end: a failed attempt
 * takes some 0.3 ms.
 */
const ATTEMPTS = 5_000

const attachAgain = async ({ instance, path }: Attached): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attach(instance, path)
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}

const changedMeanwhile = (path: string): ConnectorError =>
  new ConnectorError({
    _tag: 'DatabaseChanged', code: 'Aborted',
    message: `Somebody else wrote into ${path} while a pipeline used it: see to it that nobody does, and run the pipeline again.`,
  })

const reattach = async (database: Attached): Promise<void> => {
  const { path } = database
  const stamp = stampOf(path)
  await attachAgain(database)
  // What core knows of the checkpoint, and we of runs, may not be so any more.
  if (stampOf(path) !== stamp) throw changedMeanwhile(path)
}

/**
 * Makes DuckDB forget what it remembers of the file, which no limit bounds: as long as a file is attached, 1 KB for every
 * piece of a column that was written to it. Measured: 20 MB for a million dead letters. Of a file that was attached anew it
 * reads what it needs. To be called in a writer's turn, while nobody opens the file.
 */
export const renew = async (database: Attached): Promise<void> => {
  const { instance, memory, path } = database
  // Deleted, or another file by now: what is written goes on going into the one that is open.
  if (database.broken !== undefined || !isStillThere(database)) return
  try {
    await memory.lifted(() => detached(instance, () => reattach(database)))
  } catch (error) {
    database.broken = classifyOpening(error, path)
  }
}

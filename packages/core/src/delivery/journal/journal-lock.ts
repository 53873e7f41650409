import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RefusedError } from '../../failure.js'
import { makeFolderDurably } from '../files/durable-file.js'
import { fileErrorCode } from '../files/file-errors.js'
import { takeLock, type OwnerLock } from '../files/owner-lock.js'

const words = { tag: 'JournalInUse', closeFirst: 'End the other run first' }

/** Reads of this process that are on their way out, by directory: their lock is free soon. */
const leaving = new Map<string, Promise<void>>()

/** The lock of that directory will be free when `done` resolves, and what was said before has. */
export const willLeave = (directory: string, done: Promise<unknown>): void => {
  const gone: Promise<void> = Promise.all([leaving.get(directory), done]).then(() => {
    if (leaving.get(directory) === gone) leaving.delete(directory)
  })
  leaving.set(directory, gone)
}

const lockExisting = (directory: string, nowMillis: number): Promise<OwnerLock> =>
  takeLock(`The journal in ${directory}`, join(directory, 'lock'), nowMillis, words)

/**
 * Takes the lock, as soon as a read of this process that has ended has let go of it. The directory is made if it is missing.
 * @throws RefusedError naming the PID of a live owner and the remedy
 */
export const lockJournal = async (directory: string, nowMillis: number): Promise<OwnerLock> => {
  await leaving.get(directory)
  await makeFolderDurably(directory)
  return lockExisting(directory, nowMillis)
}

const hasJournal = async (directory: string): Promise<boolean> => {
  try {
    return (await stat(directory)).isDirectory()
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false
    throw error
  }
}

/**
 * Does something to a journal that nobody reads: what begins in this process meanwhile waits for it. Nothing is done if there is none, or
 * if another owner has it.
 */
export const withIdleJournal = (directory: string, nowMillis: number, act: () => Promise<void>): Promise<void> => {
  const before = leaving.get(directory)
  const run = async (): Promise<void> => {
    await before
    if (!(await hasJournal(directory))) return
    const lock = await lockExisting(directory, nowMillis)
    try {
      await act()
    } finally {
      await lock.release()
    }
  }
  const done = run().catch((error: unknown) => {
    if (!(error instanceof RefusedError)) throw error
  })
  willLeave(directory, done.catch(() => undefined))
  return done
}

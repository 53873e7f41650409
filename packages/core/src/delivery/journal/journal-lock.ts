import { stat } from 'node:fs/promises'
import { join } from 'node:path'
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

/**
 * Makes the directory, if it is missing, and takes its lock, as soon as a read of this process that has ended has let go of it.
 * @throws RefusedError naming the PID of a live owner and the remedy
 */
export const lockJournal = async (directory: string, nowMillis: number): Promise<OwnerLock> => {
  await leaving.get(directory)
  await makeFolderDurably(directory)
  return takeLock(`The journal in ${directory}`, join(directory, 'lock'), nowMillis, words)
}

/** Whether there is something to lock. */
export const hasJournal = async (directory: string): Promise<boolean> => {
  try {
    return (await stat(directory)).isDirectory()
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false
    throw error
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileCheckpoints, type CheckpointStore, type CheckpointWrite, type StoredCheckpoint } from '@millrace/core'
import { folderName } from '#src/delivery/files/folder-name.js'

const made: string[] = []

/** A folder of its own, removed when the process ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoints-'))
  made.push(folder)
  return folder
}

process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

export const pipeline = 'stocks'

export const fileOf = (directory: string, name: string): string => join(directory, folderName(pipeline), name)

export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)

/**
 * Write number n, with all that makes the files differ: growing headers, no, one and several changes, empty ones,
 * resets.
 */
export const writeNumber = (n: number): CheckpointWrite => ({
  header: { n, text: 'x'.repeat(n) },
  reset: n % 4 === 0,
  changes: Array.from({ length: n % 3 }, (_, i) => new Uint8Array(n % 5).fill(n * 10 + i)),
})

/** What must be read after writes 1 to n; undefined after none. */
export const checkpointAfter = (n: number): StoredCheckpoint | undefined => {
  if (n === 0) return undefined
  const write = writeNumber(n)
  const before = write.reset ? [] : (checkpointAfter(n - 1)?.changes ?? [])
  return { header: write.header, changes: [...before, ...write.changes] }
}

/** As plain data: a Buffer is a Uint8Array too. */
export const plain = (stored: StoredCheckpoint | undefined): unknown =>
  stored && { header: stored.header, changes: stored.changes.map((change) => [...change]) }

/** Opens a store for one call. */
export const withStore = async <A>(directory: string, use: (store: CheckpointStore) => Promise<A>): Promise<A> => {
  const store = fileCheckpoints({ directory })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

export const readFrom = (directory: string): Promise<unknown> =>
  withStore(directory, async (store) => plain(await store.read(pipeline)))

/** The error that `run` ends with. */
export const errorOf = async (
  run: Promise<unknown>,
): Promise<{ readonly code?: string; readonly _tag?: string; readonly message: string }> => {
  try {
    await run
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not fail')
}

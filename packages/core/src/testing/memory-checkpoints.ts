import type { CheckpointStore, CheckpointWrite, StoredCheckpoint } from '../store.js'
import { copyData } from './copy-data.js'

/** A checkpoint store that can be looked at. @public */
export interface MemoryCheckpoints extends CheckpointStore {
  /** How often `write` has ended. */
  writes(): number
}

/** The checkpoint after `write`, sharing nothing with it. */
export const afterWrite = (before: StoredCheckpoint | undefined, write: CheckpointWrite): StoredCheckpoint => ({
  header: copyData(write.header),
  changes: [...(write.reset ? [] : (before?.changes ?? [])), ...copyData([...write.changes])],
})

/** A copy of a checkpoint. */
export const copyCheckpoint = (stored: StoredCheckpoint): StoredCheckpoint => ({
  header: copyData(stored.header),
  changes: copyData([...stored.changes]),
})

/**
 * Checkpoints in memory. Copied through MessagePack on the way in and out, so what is not Data does not survive. `close`
 * does nothing: the next run goes on with the same value, as if it were the disk.
 * @public
 */
export const memoryCheckpoints = (): MemoryCheckpoints => {
  const stored = new Map<string, StoredCheckpoint>()
  let writes = 0
  return {
    read: async (pipeline) => {
      const checkpoint = stored.get(pipeline)
      return checkpoint && copyCheckpoint(checkpoint)
    },
    write: async (pipeline, checkpoint) => {
      stored.set(pipeline, afterWrite(stored.get(pipeline), checkpoint))
      writes++
    },
    close: async () => undefined,
    writes: () => writes,
  }
}

import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { syncFolder } from '../files/durable-file.js'

/** What a journal does to the disk. The synchronous ones are called within the `next` of its source. */
export interface JournalFiles {
  /** A new file, to be written to; fails if there is one. */
  create(path: string): number
  /** One that is there. */
  open(path: string): number
  /** Writes some of the bytes from `from` to `to` at `position`; answers how many. */
  write(descriptor: number, bytes: Buffer, from: number, to: number, position: number): number
  truncate(descriptor: number, length: number): void
  close(descriptor: number): void
  /** Removes a file that could not be begun. */
  discard(path: string): void
  /** What was written to it outlives a power cut after this. By its path: a descriptor might be closed meanwhile, and be that of another file. */
  syncFile(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
  remove(path: string): Promise<void>
}

/** The machine's file system. */
export const nodeFiles: JournalFiles = {
  create: (path) => openSync(path, 'wx'),
  open: (path) => openSync(path, 'r+'),
  write: (descriptor, bytes, from, to, position) => writeSync(descriptor, bytes, from, to - from, position),
  truncate: ftruncateSync,
  close: closeSync,
  discard: unlinkSync,
  syncFile: async (path) => {
    const handle = await open(path, 'r+')
    try {
      await handle.datasync()
    } finally {
      await handle.close()
    }
  },
  syncFolder,
  remove: unlink,
}

/** A moment at which a crash is worth a try: `middle` of an append is when half of its bytes are written. */
export type JournalMoment = 'before' | 'middle' | 'after'

/** Is called at each of them. */
export type JournalHook = (operation: 'append' | 'create' | 'sync' | 'delete', moment: JournalMoment) => void

import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileErrorCode } from './file-errors.js'

// Windows cannot sync a folder and does not need it: there the rename itself is what must be trusted.
const noFolderSync = new Set(process.platform === 'win32' ? ['EPERM', 'EISDIR', 'EACCES'] : [])

/** Makes durable what was created, renamed or removed in the folder. */
export const syncFolder = async (folder: string): Promise<void> => {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!noFolderSync.has(fileErrorCode(error) ?? '')) throw error
  }
}

/** Makes the folder and those above it, where they are missing. */
export const makeFolderDurably = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Writes a whole file and makes its bytes durable (not its name: that is the folder's). */
export const writeDurably = async (file: string, bytes: Uint8Array): Promise<void> => {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Replaces a file at once: after a crash at any moment it is the old one or the new one, and after this resolves, the
 * new one.
 */
export const replaceDurably = async (file: string, bytes: Uint8Array): Promise<void> => {
  const temporary = `${file}.tmp`
  await writeDurably(temporary, bytes)
  await rename(temporary, file)
  await syncFolder(dirname(file))
}

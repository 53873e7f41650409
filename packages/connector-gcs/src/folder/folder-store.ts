import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { SourceContext } from '@millrace/core'
import { changedWhileRead, fileError, nothingFound } from '../errors.js'
import type { ObjectStore } from '../object-store.js'
import { type FileInfo, type FileVersion, difference, versionOf } from './file-info.js'
import { LOOKED_FOR } from '../suffix.js'
import { Walk } from './walk.js'

/** Read at once: large enough that the calls do not show, small enough to be garbage soon (256 KiB: 70 MB more resident). */
const CHUNK_BYTES = 64 * 1024

/** Files and folders as a store of objects. @internal */
export class FolderStore implements ObjectStore<FileInfo> {
  private readonly paths: readonly string[]
  private readonly chunkBytes: number

  constructor(paths: readonly string[], chunkBytes = CHUNK_BYTES) {
    this.paths = paths
    this.chunkBytes = chunkBytes
  }

  async list(context: SourceContext): Promise<readonly FileInfo[]> {
    const walk = new Walk((message) => context.logger.warn(message))
    for (const path of this.paths) await walk.add(path)
    const found = walk.found()
    if (found.length === 0) throw nothingFound(`nothing to read in ${this.paths.join(', ')}: looked for ${LOOKED_FOR}`)
    return found
  }

  async *open(file: FileInfo, fromByte: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    const handle = await open(file.name, constants.O_RDONLY).catch((error: unknown) => {
      throw fileError(file.name, error)
    })
    try {
      await this.refuseChanged(file, async () => versionOf(await handle.stat({ bigint: true })))
      yield* this.chunks(handle, file, fromByte, signal)
    } finally {
      await handle.close()
    }
  }

  async verify(file: FileInfo): Promise<void> {
    await this.refuseChanged(file, async () => versionOf(await stat(file.name, { bigint: true })))
  }

  private async refuseChanged(file: FileInfo, look: () => Promise<FileVersion>): Promise<void> {
    const now = await look().catch((error: unknown) => { throw fileError(file.name, error) })
    const different = difference(file.version, now)
    if (different !== undefined) throw changedWhileRead(file.name, different)
  }

  /** Never more than was listed: what grows faster than it is read would have no end. */
  private async *chunks(
    handle: FileHandle, file: FileInfo, fromByte: number, signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    let position = fromByte
    while (position < file.sizeBytes) {
      signal.throwIfAborted()
      const length = Math.min(this.chunkBytes, file.sizeBytes - position)
      // Fresh each time: it is handed over.
      const chunk = Buffer.allocUnsafeSlow(length)
      const { bytesRead } = await handle.read(chunk, 0, length, position).catch((error: unknown) => {
        throw fileError(file.name, error)
      })
      if (bytesRead === 0) throw changedWhileRead(file.name, `it had ${file.sizeBytes} bytes, now it ends at ${position}`)
      position += bytesRead
      yield bytesRead === length ? chunk : chunk.subarray(0, bytesRead)
    }
  }
}

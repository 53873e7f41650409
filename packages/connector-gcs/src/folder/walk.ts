import type { BigIntStats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectorError } from '@millrace/core'
import { fileError, pathError } from '../errors.js'
import { type FileInfo, versionOf } from './file-info.js'
import { formatOf } from '../suffix.js'

type Warn = (message: string) => void

const byCodeUnit = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** Collects the files behind some paths, each once, whatever ways lead to it. @internal */
export class Walk {
  private readonly files = new Map<string, FileInfo>()
  private readonly folders = new Set<string>()
  private readonly warned = new Set<string>()
  private readonly warn: Warn

  constructor(warn: Warn) {
    this.warn = warn
  }

  /** All files found, by real path. */
  found(): readonly FileInfo[] {
    return [...this.files.values()].sort((a, b) => byCodeUnit(a.name, b.name))
  }

  /** A path that was asked for: a file is read whatever its name, for its content can decide. */
  async add(path: string): Promise<void> {
    const { real, stats } = await look(path, pathError)
    if (stats.isDirectory()) return this.addFolder(real)
    if (stats.isFile()) return this.addFile(real, stats, formatOf(real) ?? formatOf(path) ?? 'auto')
    throw new ConnectorError({
      _tag: 'File', code: 'InvalidArgument', message: `${path} is neither a file nor a folder: save its content as a file first`,
    })
  }

  private async addFolder(real: string): Promise<void> {
    // Also ends the loops that symbolic links can make.
    if (this.folders.has(real)) return
    this.folders.add(real)
    const names = await readdir(real).catch((error: unknown) => { throw fileError(real, error) })
    for (const name of names.sort(byCodeUnit)) await this.addEntry(join(real, name))
  }

  private async addEntry(path: string): Promise<void> {
    const seen = await look(path).catch((error: unknown) => this.lookAway(path, error))
    if (seen === undefined) return
    const { real, stats } = seen
    if (stats.isDirectory()) return this.addFolder(real)
    const format = formatOf(real) ?? formatOf(path)
    if (format === undefined) return this.leaveOut(path, 'its name does not end in .json, .ndjson or .jsonl')
    if (!stats.isFile()) return this.leaveOut(path, 'it is no regular file')
    this.addFile(real, stats, format)
  }

  /** Links that lead nowhere are left out; any other error is one. */
  private lookAway(path: string, error: unknown): undefined {
    if (!(error instanceof ConnectorError) || (error.code !== 'NotFound' && error.code !== 'InvalidArgument')) throw error
    this.leaveOut(path, 'it is a symbolic link that leads nowhere, or was deleted just now')
  }

  private addFile(real: string, stats: BigIntStats, format: 'auto' | 'lines' | 'array' | 'document'): void {
    const version = versionOf(stats)
    const { sizeBytes, modifiedAt } = version
    this.files.set(real, { name: real, sizeBytes, fingerprint: { sizeBytes, modifiedAt }, format, version })
  }

  private leaveOut(path: string, why: string): void {
    if (this.warned.has(path)) return
    this.warned.add(path)
    this.warn(`${path} is not read: ${why}`)
  }
}

const look = async (path: string, errorOf = fileError): Promise<{ real: string, stats: BigIntStats }> => {
  try {
    const real = await realpath(path)
    return { real, stats: await stat(real, { bigint: true }) }
  } catch (error) {
    throw errorOf(path, error)
  }
}

import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { RefusedError } from '@millrace/core'
import { codeOf } from './process-alive.js'

/** A database file, whatever path led to it. */
export interface FileIdentity {
  /** Without symbolic links: DuckDB keeps its write-ahead log beside the path it was given, so it must always be the same one. */
  readonly path: string
  /** `device:inode`; of a file that does not exist yet its real path, because there is nothing else to go by. */
  readonly id: string
  readonly exists: boolean
  /** The path, and the other names of the same file: which of several hard links is the path can change. */
  readonly names: readonly string[]
}

const MAX_LINKS = 40

const orUndefined = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

const idOf = (stats: Stats): string => `${stats.dev}:${stats.ino}`

/** Where a file would be created: through links that lead nowhere yet. */
const futurePath = (path: string, links = 0): string => {
  const stats = orUndefined(() => lstatSync(path))
  if (stats?.isSymbolicLink() === true && links < MAX_LINKS) {
    return futurePath(resolve(dirname(path), readlinkSync(path)), links + 1)
  }
  const parent = dirname(path)
  return join(orUndefined(() => realpathSync(parent)) ?? parent, basename(path))
}

const namesOf = (path: string, stats: Stats): readonly string[] => {
  const folder = dirname(path)
  const same = (name: string): boolean => {
    const other = orUndefined(() => lstatSync(join(folder, name)))
    return other !== undefined && other.ino === stats.ino && other.dev === stats.dev
  }
  return readdirSync(folder).filter(same).sort().map((name) => join(folder, name))
}

const hasLog = (path: string): boolean => (orUndefined(() => statSync(`${path}.wal`))?.size ?? 0) > 0

/**
 * Of several hard links first the one that is to be opened: that with the log of a crash, or else the first by name. A log that
 * lies beside a name that cannot be seen would be lost in silence.
 */
const allNames = (path: string, stats: Stats): readonly string[] => {
  if (stats.nlink <= 1) return [path]
  const names = namesOf(path, stats)
  if (names.length < stats.nlink) {
    throw new RefusedError(
      `${path} has ${stats.nlink} hard links, and not all of them are in ${dirname(path)}. DuckDB keeps its log beside the name ` +
        'that is opened, so a crash under one name would lose rows under the other. Use a symbolic link instead, or keep one name.',
      'HardLinks',
    )
  }
  const first = names.find(hasLog) ?? names[0] ?? path
  return [first, ...names.filter((name) => name !== first)]
}

/**
 * Finds out which file a path means, without opening it.
 * @throws RefusedError for what is not a file, and for hard links in several folders
 */
export const identifyFile = (path: string): FileIdentity => {
  const absolute = resolve(path)
  const real = orUndefined(() => realpathSync(absolute))
  if (real === undefined) {
    const future = futurePath(absolute)
    return { path: future, id: future, exists: false, names: [future] }
  }
  const stats = statSync(real)
  if (!stats.isFile()) throw new RefusedError(`${path} is not a file, so it cannot be a DuckDB database: name a file.`, 'NotADatabase')
  const names = allNames(real, stats)
  return { path: names[0] ?? real, id: idOf(stats), exists: true, names }
}

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { RefusedError } from '@millrace/core'
import { duckdbOwner } from '@millrace/sink-duckdb'
import { filesOfDay } from '../generate/day.js'
import { CommandError } from './command-error.js'

/** The demo's folder: trades below, bars beside, and a list of all that the demo made there. */
export interface DemoFolder {
  readonly trades: string
  readonly db: string
  readonly journal: string
}

const LIST = '.made-by-the-demo.json'
const TRADES = 'trades'
const DATABASE = 'stocks.duckdb'
/** Whoever has the file answers there. */
const SOCKET = `${DATABASE}.sock`
// DuckDB keeps a write-ahead log beside its file.
const DATABASE_FILES = [DATABASE, `${DATABASE}.wal`, SOCKET]
/** A folder of which nothing but the demo's live lane makes the files. */
const JOURNAL = `${DATABASE}.journal`

const isInside = (directory: string, path: string): boolean => resolve(directory, path).startsWith(resolve(directory) + sep)

const readList = (directory: string): readonly string[] | undefined => {
  const path = join(directory, LIST)
  if (!existsSync(path)) return undefined
  try {
    const list: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (Array.isArray(list)) return list.filter((entry): entry is string => typeof entry === 'string' && isInside(directory, entry))
  } catch {
    // Told below: a list that cannot be read must not lead to removals.
  }
  throw new CommandError(`${path} cannot be read, so the demo does not know what it made here. Remove ${directory} yourself, or give another --directory.`)
}

const removeFolderIfEmpty = (path: string): void => {
  try {
    rmdirSync(path)
  } catch {
    // Not empty: somebody else keeps something here.
  }
}

const removeAll = (directory: string, made: readonly string[]): void => {
  for (const path of made) rmSync(join(directory, path), { force: true, recursive: path === JOURNAL })
  const folders = new Set(made.map((path) => dirname(join(directory, path))))
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) if (folder !== directory) removeFolderIfEmpty(folder)
}

/** What a backfill of the folder would read. */
const READ = /\.(json|ndjson|jsonl)(\.gz)?$/i

/** A file below the trades that the demo would read, but did not make: its figures would not come out. */
const foreignTrades = (directory: string, made: ReadonlySet<string>): string | undefined => {
  const trades = join(directory, TRADES)
  if (!existsSync(trades)) return undefined
  const paths = readdirSync(trades, { recursive: true, encoding: 'utf8' }).map((path) => join(TRADES, path))
  return paths.sort().find((path) => READ.test(path) && !made.has(path))
}

const refuseForeign = (directory: string, making: readonly string[], made: ReadonlySet<string>): void => {
  const isForeign = (path: string): boolean => !made.has(path) && existsSync(join(directory, path))
  const inTheWay = making.find(isForeign) ?? foreignTrades(directory, made)
  if (inTheWay === undefined) return
  throw new RefusedError(`${join(directory, inTheWay)} is in the way, and the demo did not make it. Move it, or give another --directory.`)
}

const makeFolder = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error
    const what = code === 'EEXIST' ? 'is a file' : 'leads through a file'
    throw new CommandError(`--directory ${directory} ${what}; it must name a folder, which is made if there is none.`, error)
  }
}

/** The process that a journal's lock names; `undefined` if there is none, or it names none. */
const lockedBy = (journal: string): number | undefined => {
  try {
    const lock: unknown = JSON.parse(readFileSync(join(journal, 'lock'), 'utf8'))
    return typeof lock === 'object' && lock !== null && 'pid' in lock && Number.isSafeInteger(lock.pid) ? Number(lock.pid) : undefined
  } catch {
    // No lock, or one that was cut off: its owner is gone.
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The owner of the database is asked wherever it listens; one that could make no socket has the journal. */
const atWork = async (directory: string): Promise<number | undefined> => {
  // Without a folder there is nothing to remove.
  if (!existsSync(join(directory, LIST))) return undefined
  const owner = await duckdbOwner(join(directory, DATABASE))
  if (owner !== undefined) return owner.pid
  const pid = lockedBy(join(directory, JOURNAL))
  return pid !== undefined && isAlive(pid) ? pid : undefined
}

/**
 * A demo begins by removing what an earlier one made: that one must have ended.
 * @throws RefusedError if it runs; ConnectorError if that cannot be found out
 */
export const refuseWhileRunning = async (directory: string): Promise<void> => {
  const pid = await atWork(directory)
  if (pid === undefined) return
  throw new RefusedError(`A demo, or another run, is at work on ${join(directory, DATABASE)}: process ${pid}. Wait for its end, or give another --directory.`)
}

/**
 * Makes the folder ready: what an earlier demo made is removed, and nothing else.
 * @throws RefusedError if a file is in the way that the demo did not make; nothing is changed then
 */
export const prepareDemoFolder = (directory: string): DemoFolder => {
  const made = readList(directory)
  const making = [...filesOfDay().map((file) => join(TRADES, file)), ...DATABASE_FILES, JOURNAL]
  refuseForeign(directory, making, new Set(made))
  if (made !== undefined) removeAll(directory, made)
  makeFolder(directory)
  // The list comes first: a demo that is interrupted must still know what is its own.
  writeFileSync(join(directory, LIST), `${JSON.stringify(making, undefined, 1)}\n`)
  return { trades: join(directory, TRADES), db: join(directory, DATABASE), journal: join(directory, JOURNAL) }
}

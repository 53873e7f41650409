import { existsSync, linkSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { codeOf, isAlive } from './process-alive.js'

/** What processes that were killed while they created this file have left. */
const removeLeftovers = (path: string): void => {
  const folder = dirname(path)
  const start = `${basename(path)}.creating-`
  for (const name of readdirSync(folder)) {
    if (name.startsWith(start) && !isAlive(Number.parseInt(name.slice(start.length), 10))) rmSync(join(folder, name), { force: true })
  }
}

/** `link` refuses to replace a file that another process made meanwhile; some file systems have no hard links. */
const giveName = (draft: string, path: string): void => {
  try {
    linkSync(draft, path)
  } catch (error) {
    // Another process was quicker: its file is as good.
    if (codeOf(error) === 'EEXIST') return
    if (existsSync(path)) throw error
    renameSync(draft, path)
  }
}

/**
 * Creates an empty database, whole or not at all: made under another name and then linked. DuckDB refuses a file that was
 * cut off while it was created, so that a `kill -9` in that moment would need a person.
 */
export const createFile = async (path: string): Promise<void> => {
  const draft = `${path}.creating-${process.pid}`
  rmSync(draft, { force: true })
  try {
    const instance = await DuckDBInstance.create(draft, { threads: '1' })
    instance.closeSync()
    giveName(draft, path)
  } finally {
    rmSync(draft, { force: true })
    rmSync(`${draft}.wal`, { force: true })
  }
  removeLeftovers(path)
}

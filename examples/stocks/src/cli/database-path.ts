import { existsSync, statSync } from 'node:fs'
import { CommandError } from './command-error.js'

/** @throws CommandError if `--db` names a folder */
export const checkIsNoFolder = (db: string): void => {
  if (existsSync(db) && statSync(db).isDirectory()) throw new CommandError(`--db ${db} is a folder; it must name a DuckDB file.`)
}

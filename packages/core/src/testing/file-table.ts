import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { dataFromJson, dataToJson } from './json-data.js'
import { tableOf, tableState, type Table, type TableChange } from './memory-table.js'

const newline = 0x0a

/** Cuts what a killed process left half written: everything behind the last newline. */
const wholeLines = (path: string): readonly string[] => {
  if (!existsSync(path)) return []
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf(newline) + 1
  if (end < bytes.length) truncateSync(path, end)
  return bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
}

// Lines are written by `appendChange` alone.
const changeFrom = <A>(line: string): TableChange<A> => dataFromJson(line) as TableChange<A>

const appendLine = (path: string, line: string): void => {
  const file = openSync(path, 'a')
  try {
    const bytes = Buffer.from(`${line}\n`)
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const appendChange = <A>(path: string, change: TableChange<A>): TableChange<A> => {
  const line = dataToJson(change)
  appendLine(path, line)
  return changeFrom(line)
}

/**
 * A table in a file, for programs that are killed: one line of JSON per change (an epoch, or the rows of one write), synced to
 * disk, so an epoch is there whole or not at all; a torn last line is cut when the file is opened next. Bytes and non-finite
 * numbers survive (`{"$bytes": base64}`, `{"$number": "NaN"}`). Read at the first call, written at the first write; one
 * writer at a time. The whole table is also held in memory: it is made for tests.
 * @param options - `path` of the file; its folder is made
 * @throws Error that names the file and line, if a line is not JSON
 * @public
 */
export const fileTable = <A>({ path }: { readonly path: string }): Table<A> => {
  let opened: Table<A> | undefined
  const open = (): Table<A> => {
    const state = tableState<A>()
    wholeLines(path).forEach((line, index) => {
      try {
        state.apply(changeFrom(line))
      } catch (cause) {
        throw new Error(`${path}:${index + 1}: not a line of a table; remove the file, or give another path`, { cause })
      }
    })
    mkdirSync(dirname(path), { recursive: true })
    return tableOf(state, (change) => appendChange(path, change))
  }
  const table = (): Table<A> => (opened ??= open())
  return {
    rows: () => table().rows(),
    append: async (rows) => table().append(rows),
    upsert: async (rows) => table().upsert(rows),
    commit: async (pipeline, epoch, rows) => table().commit(pipeline, epoch, rows),
  }
}

import { isUtf8 } from 'node:buffer'
import { existsSync, statSync } from 'node:fs'
import type { JournalRecord } from '@millrace/core'
import { CommandError } from './command-error.js'
import type { JournalOptions } from './commands.js'
import { ExitCode } from './exit-code.js'
import { plural } from './format.js'
import type { Parts } from './parts.js'

/** The connector's mark of a message that was not sent as text. */
const BINARY = 'BinaryFrame'

type Frame = Extract<JournalRecord, { readonly _tag: 'Frame' }>

/** The text of a frame; `undefined` if it was binary, or is no text. */
const textOf = ({ value, failure }: Frame): string | undefined => (failure?._tag !== BINARY && isUtf8(value) ? value.toString('utf8') : undefined)

const documentOf = (record: JournalRecord): unknown => {
  if (record._tag === 'Gap') {
    const { number, fromMillis, toMillis, reason } = record
    return { record: number, gap: { fromMillis, toMillis, reason } }
  }
  if (record._tag === 'Silence') return { record: record.number, silentMillis: record.silentMillis }
  const { number, receivedAtMillis, value } = record
  const text = textOf(record)
  return { record: number, receivedAtMillis, ...(text === undefined ? { frameBase64: value.toString('base64') } : { frame: text }) }
}

/** A frame as a line of its own; `undefined` if it cannot be one. */
const lineOf = (record: JournalRecord): string | undefined => {
  if (record._tag !== 'Frame') return undefined
  const text = textOf(record)
  return text === undefined || text === '' || /[\r\n]/.test(text) ? undefined : text
}

/** `stocks journal`: prints what was received, also while `live` runs. */
export const journal = async ({ output, readJournal }: Parts, { directory, frames }: JournalOptions): Promise<ExitCode> => {
  if (!existsSync(directory)) throw new CommandError(`There is no folder ${directory}. live makes one: FILE.journal beside its --db FILE, unless --journal names another.`)
  if (!statSync(directory).isDirectory()) throw new CommandError(`${directory} is a file; a journal is a folder.`)
  let skipped = 0
  for await (const record of readJournal(directory)) {
    const line = frames ? lineOf(record) : JSON.stringify(documentOf(record))
    if (line === undefined && record._tag === 'Frame') skipped += 1
    if (line !== undefined && !(await output.print(line))) break
  }
  if (skipped > 0) output.warn(`${plural(skipped, 'frame')} left out: empty, not text, or of several lines. Without --frames they are all there.`)
  return ExitCode.done
}

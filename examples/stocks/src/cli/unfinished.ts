import { storedRuns } from '@millrace/core'
import { formatTime, plural } from './format.js'
import { sayWrapped, type Output } from './output.js'
import type { Parts, Query } from './parts.js'
import { commandLine } from './shell.js'

/** A backfill that has begun and has not come to its end. */
export interface Unfinished {
  /** Unix milliseconds; `null` where it ended before its first checkpoint. */
  readonly startedAtMillis: number | null
  /** How many it was given; `null` likewise. */
  readonly files: number | null
}

const HIDDEN = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'millrace' AND table_name = 'checkpoints'"
const HAS_CHECKPOINT = 'SELECT 1 FROM millrace.checkpoints LIMIT 1'

/** The tables are made before anything is read: a file without any checkpoint is of a run that ended before its first one. */
const endedEarly = async (query: Query, db: string): Promise<boolean> =>
  (await query(db, HIDDEN, [])).length > 0 && (await query(db, HAS_CHECKPOINT, [])).length === 0

/** Reads whether a pipeline's run in a file has begun and not ended; `undefined` if none has. */
export const loadUnfinished = async ({ query, checkpoint }: Pick<Parts, 'query' | 'checkpoint'>, db: string, pipeline: string): Promise<Unfinished | undefined> => {
  const stored = await checkpoint(db, pipeline)
  if (stored === undefined) return (await endedEarly(query, db)) ? { startedAtMillis: null, files: null } : undefined
  const run = storedRuns(pipeline, stored).find(({ finished }) => !finished)
  return run && { startedAtMillis: run.startedAtMillis, files: run.files.length }
}

/** Says that what follows is not the whole, and how to get it. */
export const sayUnfinished = (output: Output, { startedAtMillis, files }: Unfinished, db: string): void => {
  const title = output.paint.yellow('Unfinished')
  if (startedAtMillis === null || files === null) {
    sayWrapped(output, `${title}  a run has not come to its first checkpoint: nothing of it is below. If it has ended, its command, once more, goes on.`)
    output.say()
    return
  }
  const what = `the backfill of ${plural(files, 'file')} begun at ${formatTime(startedAtMillis - (startedAtMillis % 1_000))} UTC has not come to its end: what is below is a part.`
  sayWrapped(output, `${title}  ${what} The same command, with the same files, goes on:`)
  output.say(`  ${commandLine(['backfill', 'PATH...', '--db', db])}`)
  output.say()
}

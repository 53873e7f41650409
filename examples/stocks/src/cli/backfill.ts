import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Job, RunSummary } from '@millrace/core'
import { FILE_FORMATS, type BackfillOptions } from './commands.js'
import { CommandError } from './command-error.js'
import { checkIsNoFolder } from './database-path.js'
import { ExitCode } from './exit-code.js'
import { figuresOf, type Figures } from './figures.js'
import { formatCount, formatDuration, plural } from './format.js'
import { loggerTo, sayWrapped, type Output } from './output.js'
import type { Parts } from './parts.js'
import { Progress } from './progress.js'
import { loadReasons } from './report-data.js'
import { commandLine } from './shell.js'
import { exitCodeOf, onStopSignal, type StopSignal } from './stop-signals.js'
import { printable } from './table.js'

/** How a backfill ended. */
export interface Backfilled {
  readonly summary: RunSummary
  readonly millis: number
  readonly signal: StopSignal | undefined
}

/** Files that are named; the others are counted. */
const MAX_DROPPED_OUT = 10

/** @throws CommandError where `--db` can be no file */
export const checkDatabasePath = (db: string): void => {
  const folder = dirname(db)
  if (!existsSync(folder)) throw new CommandError(`The folder ${folder} of --db ${db} does not exist. Make it first: mkdir -p ${folder}`)
  checkIsNoFolder(db)
}

const watch = (job: Job, progress: Progress): (() => void) => {
  // The job tells how it ended by `done`; here an error only ends the watch.
  const subscription = job.status$.subscribe({ next: (status) => progress.update(status), error: () => {} })
  return () => {
    subscription.unsubscribe()
    progress.clear()
  }
}

/** Runs the batch pipeline to its end, or to the first signal, with progress. */
export const runBackfill = async (parts: Parts, options: BackfillOptions): Promise<Backfilled> => {
  const { output, clock } = parts
  checkDatabasePath(options.db)
  const startedAtMillis = clock.now()
  const { paths, db, format } = options
  const config = format === undefined ? { paths: [...paths], db } : { paths: [...paths], db, format }
  const job = parts.run(parts.batch, config, { replace: options.replace, logger: loggerTo(output) })
  const progress = new Progress(output, clock)
  const unwatch = watch(job, progress)
  const endSignals = onStopSignal((signal) => {
    progress.clear()
    output.warn(`${signal}: stopping at a checkpoint. Once more stops at once; nothing is lost either way.`)
    // A stop that fails makes `done` fail, which is reported there.
    job.stop().catch(() => {})
  })
  try {
    return { summary: await job.done, millis: clock.now() - startedAtMillis, signal: endSignals() }
  } finally {
    endSignals()
    unwatch()
  }
}

const sayDroppedOut = (output: Output, { run }: RunSummary): void => {
  if (run.droppedOut.length === 0) return
  output.say(`${output.paint.yellow('Dropped out')}: ${plural(run.droppedOut.length, 'file')} of earlier runs, no longer part of ${output.paint.bold('bars')}:`)
  for (const file of run.droppedOut.slice(0, MAX_DROPPED_OUT)) output.say(`  ${printable(file)}`)
  const more = run.droppedOut.length - MAX_DROPPED_OUT
  if (more > 0) output.say(output.paint.dim(`  … and ${formatCount(more)} more`))
}

/** What to say with an outcome. */
interface Telling {
  readonly db: string
  readonly again: readonly string[]
  readonly who?: string
}

/** Prints in one line what a backfill did; `again` are the words of the command that goes on with it, `who` says which lane it was where there are two. */
export const sayOutcome = (output: Output, { summary, millis }: Pick<Backfilled, 'summary' | 'millis'>, { db, again, who = '' }: Telling): void => {
  const { total, thisRun, run } = summary
  const { bold, green, yellow } = output.paint
  sayDroppedOut(output, summary)
  switch (run.outcome) {
    case 'alreadyDone':
      sayWrapped(output, `${who}${green('Nothing to do')}: exactly these files are in ${bold(db)} already (${plural(figuresOf(total).bars, 'bar')}).`)
      return
    case 'stopped':
      sayWrapped(output, `${who}${yellow('Stopped')} at a checkpoint after ${plural(total.read, 'record')}. This command goes on from there:`)
      output.say(`  ${commandLine(again)}`)
      return
    case 'finished': {
      const resumed = total.read > thisRun.read ? ` (${formatCount(total.read - thisRun.read)} of them before it was resumed)` : ''
      const { bars, deadLetters } = figuresOf(total)
      sayWrapped(output, `${who}${green('Done')} in ${formatDuration(millis)}: ${plural(total.read, 'record')}${resumed}, ${plural(bars, 'bar')}, ${plural(deadLetters, 'dead letter')}.`)
    }
  }
}

const wordsOf = ({ paths, db, format, replace }: BackfillOptions): readonly string[] =>
  ['backfill', ...paths, '--db', db, ...(format === undefined ? [] : ['--format', format]), ...(replace ? ['--replace'] : [])]

/** Where nothing became a bar, the files are probably not what they were taken for. */
const sayWhyNothing = async ({ output, query }: Parts, { bars, deadLetters }: Figures, { db }: BackfillOptions): Promise<void> => {
  if (bars > 0 || deadLetters === 0) return
  const [first] = await loadReasons(query, db)
  if (first === undefined) return
  output.say(`No bar came of it. The most frequent reason in dead_letters (${formatCount(first.count)}): ${printable(first.example)}`)
  output.say(`Wrong --format? It is one of ${FILE_FORMATS.join(', ')}; without it, name and content decide.`)
}

/** `stocks backfill`: reads files of trades into bars. */
export const backfill = async (parts: Parts, options: BackfillOptions): Promise<ExitCode> => {
  const done = await runBackfill(parts, options)
  const { total, thisRun, run } = done.summary
  sayOutcome(parts.output, done, { db: options.db, again: wordsOf(options) })
  if (run.outcome !== 'stopped') await sayWhyNothing(parts, figuresOf(total), options)
  if (!options.json && run.outcome !== 'stopped') parts.output.say(`What is in it: ${commandLine(['report', '--db', options.db])}`)
  if (options.json) parts.output.result({ total: figuresOf(total), thisRun: figuresOf(thisRun) })
  if (run.outcome === 'stopped') return done.signal === undefined ? ExitCode.failed : exitCodeOf(done.signal)
  return ExitCode.done
}

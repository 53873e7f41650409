import { existsSync, statSync } from 'node:fs'
import { secretRef, type RunSummary, type SecretRef } from '@millrace/core'
import type { BatchConfig, StreamConfig } from '../pipeline.js'
import { KEY_VARIABLE } from '../venue.js'
import { checkDatabasePath, sayOutcome } from './backfill.js'
import { CommandError } from './command-error.js'
import type { LiveOptions } from './commands.js'
import { ExitCode } from './exit-code.js'
import { figuresOf, type Figures } from './figures.js'
import { formatDuration, plural } from './format.js'
import { runLanes, type LanesEnded } from './lanes.js'
import { sayLedgers } from './ledgers.js'
import { sayWrapped, type Output } from './output.js'
import type { Parts } from './parts.js'
import { commandLine } from './shell.js'
import { exitCodeOf } from './stop-signals.js'
import { UsageError } from './usage-error.js'

/** Whether there is a key; its value is nobody's business here. */
export const hasKey = (env: NodeJS.ProcessEnv): boolean => (env[KEY_VARIABLE] ?? '') !== ''

/** @throws UsageError where Finnhub is meant and there is no key for it */
const keyFor = (env: NodeJS.ProcessEnv, url: string | undefined): SecretRef | undefined => {
  if (hasKey(env)) return secretRef(KEY_VARIABLE)
  if (url !== undefined) return undefined
  throw new UsageError(
    `live needs a key of Finnhub in ${KEY_VARIABLE}: it is free at https://finnhub.io/register. Or give the --url of another exchange; demo needs neither.`,
    'live',
  )
}

/** The live lane's config, without what is not given. */
export const streamConfig = (options: Omit<LiveOptions, 'backfill' | 'json'>, key: SecretRef | undefined): StreamConfig => {
  const { symbols, db, url, untilClosed, journal, keepJournal } = options
  return { symbols: [...symbols], db, journal, keepJournal, untilClosed, ...(url === undefined ? {} : { url }), ...(key === undefined ? {} : { key }) }
}

const batchConfig = ({ backfill: paths, db }: LiveOptions): BatchConfig | undefined => (paths.length === 0 ? undefined : { paths: [...paths], db })

const checkJournalPath = (journal: string): void => {
  if (existsSync(journal) && !statSync(journal).isDirectory()) throw new CommandError(`--journal ${journal} is a file; it must name a folder, which is made if there is none.`)
}

/** A URL may hold a secret: then it is left to be filled in. */
const shown = (url: string): string => {
  const { search, username, password } = new URL(url)
  return search === '' && username === '' && password === '' ? url : 'URL'
}

/** The command again, to be pasted. */
const wordsOf = (options: LiveOptions): readonly string[] => {
  const { symbols, db, url, untilClosed, backfill, journal, keepJournal } = options
  return [
    'live', '--symbols', symbols.join(','), '--db', db, ...(url === undefined ? [] : ['--url', shown(url)]), ...(untilClosed ? ['--until-closed'] : []),
    ...(journal === `${db}.journal` ? [] : ['--journal', journal]), ...(keepJournal ? ['--keep-journal'] : []), ...backfill.flatMap((path) => ['--backfill', path]),
  ]
}

const whereOf = ({ url }: LiveOptions): string => (url === undefined ? 'Finnhub' : new URL(url).host)

const sayConnecting = (output: Output, options: LiveOptions): void => {
  const { db, journal, untilClosed } = options
  const ends = untilClosed ? `a normal close by the exchange ends it, Ctrl-C stops it` : 'Ctrl-C stops it'
  sayWrapped(output, `Connecting to ${whereOf(options)}, into ${output.paint.bold(db)} (journal: ${journal}); ${ends}.`)
}

const sayListening = (output: Output, options: LiveOptions): void =>
  sayWrapped(output, `Listening to ${plural(options.symbols.length, 'symbol')} at ${whereOf(options)}.`)

/** Prints in one line what the live lane did. */
export const sayStream = (output: Output, summary: RunSummary | undefined, millis: number): void => {
  const { green, yellow } = output.paint
  if (summary === undefined) return sayWrapped(output, `Live: ${yellow('Cancelled')}. It did not come to a checkpoint; what was committed stays.`)
  const { total, thisRun, run } = summary
  const earlier = total.read > thisRun.read ? ` (${plural(total.read - thisRun.read, 'frame')} before it was resumed)` : ''
  const { bars, deadLetters } = figuresOf(total)
  const what = `${plural(total.read, 'frame')}${earlier}, ${plural(total.aggregated, 'trade')}, ${plural(bars, 'bar')}, ${plural(deadLetters, 'dead letter')}`
  if (run.outcome === 'stopped') return sayWrapped(output, `Live: ${yellow('Stopped')} at a checkpoint after ${formatDuration(millis)}: ${what}; windows stay open.`)
  sayWrapped(output, `Live: ${green('Done')} in ${formatDuration(millis)}, all windows fired: ${what}.`)
}

const sayEnd = (output: Output, ended: LanesEnded, options: LiveOptions): void => {
  const { stream, batch, millis } = ended
  const again = wordsOf(options)
  sayStream(output, stream, millis.stream)
  if (options.backfill.length > 0 && batch !== undefined) sayOutcome(output, { summary: batch, millis: millis.batch }, { db: options.db, again, who: 'Files: ' })
  sayLedgers(output, ended)
  output.say()
  if (stream?.run.outcome !== 'finished') {
    output.say('This command goes on from there:')
    output.say(`  ${commandLine(again)}`)
  } else if (!options.json) output.say(`What is in it: ${commandLine(['report', '--db', options.db])}`)
}

const figures = (summary: RunSummary | undefined): { readonly total: Figures; readonly thisRun: Figures; readonly outcome: string } | null =>
  summary === undefined ? null : { total: figuresOf(summary.total), thisRun: figuresOf(summary.thisRun), outcome: summary.run.outcome }

const exitCode = ({ stream, batch, signal }: LanesEnded, hasBatch: boolean): ExitCode => {
  const isDone = (summary: RunSummary | undefined): boolean => summary !== undefined && summary.run.outcome !== 'stopped'
  if (isDone(stream) && (!hasBatch || isDone(batch))) return ExitCode.done
  return signal === undefined ? ExitCode.failed : exitCodeOf(signal)
}

/** `stocks live`: trades from an exchange become bars, and files at the same time, if asked for. */
export const live = async (parts: Parts, options: LiveOptions): Promise<ExitCode> => {
  const { output, env } = parts
  const key = keyFor(env, options.url)
  checkDatabasePath(options.db)
  checkJournalPath(options.journal)
  sayConnecting(output, options)
  const batch = batchConfig(options)
  const ended = await runLanes(parts, { stream: streamConfig(options, key), batch, atSignal: 'stop', sayConnected: (to) => sayListening(to, options) })
  sayEnd(output, ended, options)
  if (options.json) output.result({ stream: figures(ended.stream), ...(batch === undefined ? {} : { batch: figures(ended.batch) }) })
  return exitCode(ended, batch !== undefined)
}

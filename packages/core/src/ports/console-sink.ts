import { safeJson } from '../codec/safe-json.js'
import { ConnectorError } from '../failure.js'
import { failureOf } from '../local/failure-of.js'
import type { Outcome, Row, Sink } from '../sink.js'
import type { Traits } from '../traits.js'
import { closable } from './writer.js'

const maxLineBytes = 64 * 1024

/** How `consoleSink` writes. @public */
export interface ConsoleSinkOptions<A> {
  /** Default `console`. */
  readonly name?: string
  /** A row as text, without the newline; default: JSON, cut at 64 KiB. A row for which it throws is a dead letter. */
  readonly format?: (value: A) => string
  /** Is given whole lines, each with its newline; resolves when they are out. Default: standard output. */
  readonly write?: (lines: string) => void | Promise<void>
}

const lost = (name: string, cause: unknown): ConnectorError => {
  if (cause instanceof ConnectorError) return cause
  const message = `sink '${name}' could not write its lines, whoever read them may have gone: ${failureOf(cause).message}`
  return new ConnectorError({ _tag: 'Console', code: 'Unavailable', message, cause })
}

const toStandardOutput = (lines: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(lines, (error) => (error ? reject(error) : resolve()))
  })

const ignore = (): void => undefined

/** A pipe whose reader has gone says so twice, and the second time would bring the process down. */
const holdStandardOutput = (): (() => void) => {
  process.stdout.on('error', ignore)
  return () => void process.stdout.off('error', ignore)
}

const writtenRow: Outcome = { _tag: 'Written' }

/** The lines of the rows that can be shown, and what became of each row. */
const show = <A>(rows: readonly Row<A>[], format: (value: A) => string): { readonly lines: string; readonly outcomes: readonly Outcome[] } => {
  let lines = ''
  const outcomes = rows.map(({ value }): Outcome => {
    try {
      lines += `${format(value)}\n`
      return writtenRow
    } catch (thrown) {
      return { _tag: 'Rejected', failure: failureOf(thrown) }
    }
  })
  return { lines, outcomes }
}

/**
 * Writes each row as a line, of JSON unless `format` says otherwise. `repeating`: after a crash some lines come again. A write that fails
 * ends the run.
 * @public
 */
export const consoleSink = <A>(options: ConsoleSinkOptions<A> = {}): Sink<A, 'local', Traits['panes'], 'repeating'> => {
  const { name = 'console', format = (value: A) => safeJson(value, maxLineBytes), write = toStandardOutput } = options
  return {
    name,
    reach: 'local',
    accepts: 'discarding',
    guarantee: 'repeating',
    open: async () =>
      closable<A>(
        name,
        async (rows) => {
          const { lines, outcomes } = show(rows, format)
          if (lines === '') return outcomes
          try {
            await write(lines)
          } catch (cause) {
            throw lost(name, cause)
          }
          return outcomes
        },
        write === toStandardOutput ? holdStandardOutput() : undefined,
      ),
  }
}

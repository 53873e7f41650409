import { inspect } from 'node:util'
import { ConnectorError, RefusedError } from '@millrace/core'
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { helpOf } from './help.js'
import { parseCommandLine } from './parse-args.js'
import { refusalWords } from './refusal-words.js'
import { UsageError } from './usage-error.js'
import type { Command } from './commands.js'
import { printable } from './table.js'

const helpHint = (command: string | undefined): string => `Help: npm run stocks -- ${command === undefined ? '--help' : `help ${command}`}`

/** Messages may quote input: each line is made printable by itself. */
const paragraph = (text: string): string => text.split('\n').map(printable).join('\n')

const messageOf = (error: unknown): string => (error instanceof Error && error.message !== '' ? error.message : inspect(error))

/** What says itself what is wrong and what to do: where it was found helps nobody. */
const isSelfEvident = (error: unknown): boolean => error instanceof CommandError || error instanceof ConnectorError

const explain = (error: unknown): ExitCode => {
  const debug = (process.env['MILLRACE_DEBUG'] ?? '') !== ''
  const tell = (text: string): void => void process.stderr.write(`${text}\n`)
  if (debug) tell(inspect(error))
  if (error instanceof UsageError) {
    tell(`${paragraph(error.message)}\n${helpHint(error.command)}`)
    return ExitCode.usage
  }
  if (error instanceof RefusedError) {
    tell(`Refused: ${paragraph(refusalWords(error))}`)
    return ExitCode.refused
  }
  tell(`Failed: ${paragraph(messageOf(error))}`)
  if (!debug && !isSelfEvident(error)) tell('(MILLRACE_DEBUG=1 shows where.)')
  return ExitCode.failed
}

const runCommand = async (command: Command, version: string): Promise<ExitCode> => {
  switch (command._tag) {
    case 'help':
      process.stdout.write(helpOf(command.topic))
      return ExitCode.done
    case 'version':
      process.stdout.write(`${version}\n`)
      return ExitCode.done
    case 'demo':
    case 'live':
    case 'backfill':
    case 'report':
    case 'journal': {
      // Only here: the composition loads DuckDB, which help can do without.
      const { compose } = await import('../composition.js')
      return await compose(command).run(command)
    }
  }
}

/** Carries out a command line and gives the exit code. Never throws: every error becomes a paragraph on stderr. */
export const run = async (args: readonly string[], version: string): Promise<ExitCode> => {
  try {
    return await runCommand(parseCommandLine(args), version)
  } catch (error) {
    return explain(error)
  }
}

import { parseArgs, type ParseArgsConfig } from 'node:util'
import { closest } from './closest.js'
import type { CommandName } from './commands.js'
import { UsageError } from './usage-error.js'

type Options = NonNullable<ParseArgsConfig['options']>

/** What the words of a command line are, by option. */
export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const satisfies Options
const MAX_SEED = 2 ** 31
const MAX_TRADES = 1e9

const OPTIONS = {
  backfill: { ...HELP, db: { type: 'string' }, format: { type: 'string' }, replace: { type: 'boolean' }, json: { type: 'boolean' } },
  report: { ...HELP, db: { type: 'string' }, symbol: { type: 'string' }, json: { type: 'boolean' } },
  demo: { ...HELP, directory: { type: 'string' }, seed: { type: 'string' }, trades: { type: 'string' } },
} as const satisfies Record<CommandName, Options>

const unknownOption = (option: string, command: CommandName): UsageError => {
  const known = Object.keys(OPTIONS[command]).map((name) => `--${name}`)
  const near = closest(option, known)
  return new UsageError(`${command} has no option ${option}.${near === undefined ? '' : ` Did you mean ${near}?`}`, command)
}

/** What a whole number may be. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** Of `--seed`. */
export const SEEDS: Range = { min: 0, max: MAX_SEED }
/** Of `--trades`. */
export const TRADES: Range = { min: 1, max: MAX_TRADES }
const RANGES: Readonly<Record<string, Range>> = { '--seed': SEEDS, '--trades': TRADES }

/** A number that is none, or not one of these. */
export const outOfRange = (name: string, { min, max }: Range, text: string): UsageError =>
  new UsageError(`--${name} is a whole number from ${min} to ${max}; it cannot be ${JSON.stringify(text)}.`, 'demo')

/** A word that begins with a dash where a value was expected: it might be the next option. */
const dashedValue = (option: string, args: readonly string[], command: CommandName): UsageError => {
  const value = args[args.indexOf(option) + 1] ?? ''
  const range = RANGES[option]
  if (range !== undefined) return outOfRange(option.slice(2), range, value)
  return new UsageError(`${option} needs a value. If ${JSON.stringify(value)} is meant: ${option}=${value}`, command)
}

const complaint = (error: unknown, args: readonly string[], command: CommandName): unknown => {
  if (!(error instanceof TypeError) || !('code' in error)) return error
  const option = /'(?:-\w, )?(--?[^' ]*)/.exec(error.message)?.[1] ?? ''
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return unknownOption(option, command)
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && error.message.includes('ambiguous')) return dashedValue(option, args, command)
  const sentence = error.message.split('\n')[0] ?? error.message
  return new UsageError(sentence.endsWith('.') ? sentence : `${sentence}.`, command)
}

/** The parser would silently take the last one. */
const refuseTwice = (names: readonly string[], command: CommandName): void => {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`--${twice} is given twice; give it once.`, command)
}

/**
 * Reads the options of a command.
 * @throws UsageError for one that is unknown, given twice or without its value
 */
export const parse = (args: readonly string[], command: CommandName): Parsed => {
  try {
    const { values, positionals, tokens } = parseArgs({ args: [...args], options: OPTIONS[command], allowPositionals: true, strict: true, tokens: true })
    refuseTwice(tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : [])), command)
    return { values, positionals }
  } catch (error) {
    throw complaint(error, args, command)
  }
}

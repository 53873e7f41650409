import { parseArgs, type ParseArgsConfig } from 'node:util'
import { closest } from './closest.js'
import type { CommandName } from './commands.js'
import { UsageError } from './usage-error.js'

type Options = NonNullable<ParseArgsConfig['options']>

/** What the words of a command line are, by option. */
export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  /** Words that belong to no option. */
  readonly positionals: readonly string[]
  /** Values of the options that take several, by option, each with the words that follow it. */
  readonly lists: Readonly<Record<string, readonly string[]>>
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const satisfies Options
const MAX_SEED = 2 ** 31
const MAX_TRADES = 1e9
const MAX_SECONDS = 7 * 86_400

const OPTIONS = {
  backfill: { ...HELP, db: { type: 'string' }, format: { type: 'string' }, replace: { type: 'boolean' }, json: { type: 'boolean' } },
  live: {
    ...HELP, symbols: { type: 'string' }, db: { type: 'string' }, url: { type: 'string' }, 'until-closed': { type: 'boolean' },
    backfill: { type: 'string', multiple: true }, journal: { type: 'string' }, 'keep-journal': { type: 'boolean' }, json: { type: 'boolean' },
  },
  report: { ...HELP, db: { type: 'string' }, symbol: { type: 'string' }, json: { type: 'boolean' } },
  journal: { ...HELP, frames: { type: 'boolean' } },
  demo: { ...HELP, directory: { type: 'string' }, seed: { type: 'string' }, trades: { type: 'string' }, seconds: { type: 'string' } },
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
/** Of `--seconds`. */
export const SECONDS: Range = { min: 1, max: MAX_SECONDS }
const RANGES: Readonly<Record<string, Range>> = { '--seed': SEEDS, '--trades': TRADES, '--seconds': SECONDS }

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

/** One word of a command line, as the parser took it. */
type Token =
  | { readonly kind: 'option'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'positional'; readonly value: string }
  | { readonly kind: 'option-terminator' }

/** Options that take several values: each may be given again, and takes the words that follow it. */
const LISTS: readonly string[] = ['backfill']

/** Which words belong to which option: to one that takes several, up to the next option. */
const wordsByOption = (tokens: readonly Token[]): Pick<Parsed, 'positionals' | 'lists'> => {
  const positionals: string[] = []
  const lists: Record<string, string[]> = {}
  let taking: string[] = positionals
  for (const token of tokens) {
    if (token.kind === 'positional') taking.push(token.value)
    if (token.kind !== 'option') continue
    taking = LISTS.includes(token.name) ? (lists[token.name] ??= []) : positionals
    if (taking !== positionals && token.value !== undefined) taking.push(token.value)
  }
  return { positionals, lists }
}

/**
 * Reads the options of a command.
 * @throws UsageError for one that is unknown, given twice or without its value
 */
export const parse = (args: readonly string[], command: CommandName): Parsed => {
  try {
    const { values, tokens } = parseArgs({ args: [...args], options: OPTIONS[command], allowPositionals: true, strict: true, tokens: true })
    refuseTwice(tokens.flatMap((token) => (token.kind === 'option' && !LISTS.includes(token.name) ? [token.name] : [])), command)
    return { values, ...wordsByOption(tokens) }
  } catch (error) {
    throw complaint(error, args, command)
  }
}

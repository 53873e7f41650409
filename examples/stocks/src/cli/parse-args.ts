import { parseArgs, type ParseArgsConfig } from 'node:util'
import { COMMAND_NAMES, FILE_FORMATS, isCommandName, type BackfillOptions, type Command, type CommandName, type DemoOptions, type FileFormat, type ReportOptions } from './commands.js'
import { closest } from './closest.js'
import { UsageError } from './usage-error.js'

type Options = NonNullable<ParseArgsConfig['options']>
interface Parsed {
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

const outOfRange = (name: string, max: number, text: string): UsageError =>
  new UsageError(`--${name} is a whole number from 0 to ${max}; it cannot be ${JSON.stringify(text)}.`, 'demo')

const MAXIMA: Readonly<Record<string, number>> = { '--seed': MAX_SEED, '--trades': MAX_TRADES }

/** A word that begins with a dash where a value was expected: it might be the next option. */
const dashedValue = (option: string, args: readonly string[], command: CommandName): UsageError => {
  const value = args[args.indexOf(option) + 1] ?? ''
  const max = MAXIMA[option]
  if (max !== undefined) return outOfRange(option.slice(2), max, value)
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

const parse = (args: readonly string[], command: CommandName): Parsed => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS[command], allowPositionals: true, strict: true })
  } catch (error) {
    throw complaint(error, args, command)
  }
}

const textOf = ({ values }: Parsed, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}
const isSet = ({ values }: Parsed, name: string): boolean => values[name] === true

const databaseOf = (parsed: Parsed, command: CommandName): string => {
  const db = textOf(parsed, 'db')
  if (db === undefined || db === '') throw new UsageError(`${command} needs --db FILE, the DuckDB file of the bars.`, command)
  if (db.startsWith(':memory:')) throw new UsageError(`--db needs a file: what ${db} holds is gone when the command ends.`, command)
  return db
}

const formatOf = (parsed: Parsed): FileFormat | undefined => {
  const format = textOf(parsed, 'format')
  if (format === undefined) return undefined
  const known = FILE_FORMATS.find((name) => name === format)
  if (known === undefined) throw new UsageError(`--format is one of ${FILE_FORMATS.join(', ')}; it cannot be ${JSON.stringify(format)}.`, 'backfill')
  return known
}

const integerOf = (parsed: Parsed, name: string, fallback: number, max: number): number => {
  const text = textOf(parsed, name)
  if (text === undefined) return fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > max) throw outOfRange(name, max, text)
  return value
}

const refusePositionals = ({ positionals }: Parsed, command: CommandName): void => {
  if (positionals.length > 0) throw new UsageError(`${command} takes no ${JSON.stringify(positionals[0])}.`, command)
}

const backfillOptions = (parsed: Parsed): BackfillOptions => {
  const paths = parsed.positionals
  if (paths.length === 0 || paths.includes('')) throw new UsageError('backfill needs at least one PATH: a file or a folder of trades.', 'backfill')
  const db = databaseOf(parsed, 'backfill')
  return { paths, db, format: formatOf(parsed), replace: isSet(parsed, 'replace'), json: isSet(parsed, 'json') }
}

const reportOptions = (parsed: Parsed): ReportOptions => {
  refusePositionals(parsed, 'report')
  return { db: databaseOf(parsed, 'report'), symbol: textOf(parsed, 'symbol'), json: isSet(parsed, 'json') }
}

const demoOptions = (parsed: Parsed): DemoOptions => {
  refusePositionals(parsed, 'demo')
  const directory = textOf(parsed, 'directory') ?? 'demo'
  if (directory === '') throw new UsageError('--directory cannot be empty.', 'demo')
  return { directory, seed: integerOf(parsed, 'seed', 1, MAX_SEED), trades: integerOf(parsed, 'trades', 250_000, MAX_TRADES) }
}

const parseCommand = (name: CommandName, args: readonly string[]): Command => {
  const parsed = parse(args, name)
  if (isSet(parsed, 'help')) return { _tag: 'help', topic: name }
  switch (name) {
    case 'backfill': return { _tag: 'backfill', ...backfillOptions(parsed) }
    case 'report': return { _tag: 'report', ...reportOptions(parsed) }
    case 'demo': return { _tag: 'demo', ...demoOptions(parsed) }
  }
}

const unknownCommand = (word: string): UsageError => {
  const near = closest(word, COMMAND_NAMES)
  const what = word.startsWith('-') ? 'option' : 'command'
  return new UsageError(`There is no ${what} ${word}.${near === undefined ? '' : ` Did you mean ${near}?`}`)
}

/**
 * Reads a command line.
 * @throws UsageError where it makes no sense
 */
export const parseCommandLine = (args: readonly string[]): Command => {
  const [word, ...rest] = args
  if (word === undefined) throw new UsageError('What shall it be? The commands are demo, backfill and report.')
  if (word === '--version') return { _tag: 'version' }
  if (word === '--help' || word === '-h') return { _tag: 'help', topic: undefined }
  if (word === 'help') {
    const [topic] = rest
    if (topic === undefined) return { _tag: 'help', topic }
    if (!isCommandName(topic)) throw unknownCommand(topic)
    return { _tag: 'help', topic }
  }
  if (!isCommandName(word)) throw unknownCommand(word)
  return parseCommand(word, rest)
}

import {
  COMMAND_NAMES, FILE_FORMATS, isCommandName, type BackfillOptions, type Command, type CommandName, type DemoOptions, type FileFormat, type JournalOptions,
  type LiveOptions, type ReportOptions,
} from './commands.js'
import { closest } from './closest.js'
import { isTradeSymbol } from '../symbol.js'
import { outOfRange, parse, SECONDS, SEEDS, TRADES, type Parsed, type Range } from './parse-options.js'
import { UsageError } from './usage-error.js'

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

const integerOf = <A>(parsed: Parsed, name: string, fallback: A, range: Range): number | A => {
  const text = textOf(parsed, name)
  if (text === undefined) return fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < range.min || value > range.max) throw outOfRange(name, range, text)
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

const symbolsOf = (parsed: Parsed): readonly string[] => {
  const text = textOf(parsed, 'symbols')
  if (text === undefined || text.trim() === '') throw new UsageError('live needs --symbols A,B: what to listen to, separated by commas.', 'live')
  const symbols = text.split(',').map((symbol) => symbol.trim())
  const odd = symbols.find((symbol) => !isTradeSymbol(symbol))
  if (odd !== undefined) throw new UsageError(`--symbols is a list like AAPL,BINANCE:BTCUSDT; ${JSON.stringify(odd)} in it is no symbol.`, 'live')
  return [...new Set(symbols)]
}

const WEBSOCKET_PROTOCOLS: readonly string[] = ['ws:', 'wss:']

const urlOf = (parsed: Parsed): string | undefined => {
  const url = textOf(parsed, 'url')
  if (url === undefined) return undefined
  // The URL itself is not repeated: there may be a key in it.
  if (!URL.canParse(url) || !WEBSOCKET_PROTOCOLS.includes(new URL(url).protocol)) throw new UsageError('--url is the address of a websocket: ws://HOST:PORT or wss://HOST.', 'live')
  return url
}

const backfillPathsOf = ({ lists }: Parsed): readonly string[] => {
  const paths = lists['backfill'] ?? []
  if (paths.includes('')) throw new UsageError('--backfill cannot be empty: it takes files and folders of trades.', 'live')
  return paths
}

const journalPathOf = (parsed: Parsed, db: string): string => {
  const journal = textOf(parsed, 'journal') ?? `${db}.journal`
  if (journal === '') throw new UsageError('--journal cannot be empty; without it, the folder is named after --db.', 'live')
  return journal
}

const liveOptions = (parsed: Parsed): LiveOptions => {
  refusePositionals(parsed, 'live')
  const symbols = symbolsOf(parsed)
  const db = databaseOf(parsed, 'live')
  return {
    symbols, db, url: urlOf(parsed), untilClosed: isSet(parsed, 'until-closed'), backfill: backfillPathsOf(parsed),
    journal: journalPathOf(parsed, db), keepJournal: isSet(parsed, 'keep-journal'), json: isSet(parsed, 'json'),
  }
}

const journalOptions = (parsed: Parsed): JournalOptions => {
  const [directory, second] = parsed.positionals
  if (directory === undefined || directory === '') throw new UsageError('journal needs DIR: the folder of a journal, FILE.journal beside the --db FILE of live.', 'journal')
  if (second !== undefined) throw new UsageError(`journal takes one DIR; ${JSON.stringify(second)} is a second one.`, 'journal')
  return { directory, frames: isSet(parsed, 'frames') }
}

const reportOptions = (parsed: Parsed): ReportOptions => {
  refusePositionals(parsed, 'report')
  const symbol = textOf(parsed, 'symbol')
  if (symbol === '') throw new UsageError('--symbol cannot be empty; without it, the report is of all symbols.', 'report')
  return { db: databaseOf(parsed, 'report'), symbol, json: isSet(parsed, 'json') }
}

const demoOptions = (parsed: Parsed): DemoOptions => {
  refusePositionals(parsed, 'demo')
  const directory = textOf(parsed, 'directory') ?? 'demo'
  if (directory === '') throw new UsageError('--directory cannot be empty.', 'demo')
  return { directory, seed: integerOf(parsed, 'seed', 1, SEEDS), trades: integerOf(parsed, 'trades', 250_000, TRADES), seconds: integerOf(parsed, 'seconds', undefined, SECONDS) }
}

const parseCommand = (name: CommandName, args: readonly string[]): Command => {
  const parsed = parse(args, name)
  if (isSet(parsed, 'help')) return { _tag: 'help', topic: name }
  switch (name) {
    case 'live': return { _tag: 'live', ...liveOptions(parsed) }
    case 'journal': return { _tag: 'journal', ...journalOptions(parsed) }
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
  if (word === undefined) throw new UsageError('What shall it be? The commands are demo, live, backfill, report and journal.')
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

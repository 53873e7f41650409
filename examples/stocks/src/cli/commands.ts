/** What a command line can ask for, decoded. */
export type Command =
  | { readonly _tag: 'help'; readonly topic: CommandName | undefined }
  | { readonly _tag: 'version' }
  | ({ readonly _tag: 'demo' } & DemoOptions)
  | ({ readonly _tag: 'live' } & LiveOptions)
  | ({ readonly _tag: 'backfill' } & BackfillOptions)
  | ({ readonly _tag: 'report' } & ReportOptions)
  | ({ readonly _tag: 'journal' } & JournalOptions)

/** The commands by name, in the order of the help. */
export const COMMAND_NAMES = ['demo', 'live', 'backfill', 'report', 'journal'] as const
/** @see {@link COMMAND_NAMES} */
export type CommandName = (typeof COMMAND_NAMES)[number]

/** Whether a word is a command. */
export const isCommandName = (word: string): word is CommandName => COMMAND_NAMES.some((name) => name === word)

/** `stocks live`. */
export interface LiveOptions {
  readonly symbols: readonly string[]
  readonly db: string
  /** Another exchange than Finnhub. */
  readonly url: string | undefined
  /** Whether a normal close by the exchange ends the input. */
  readonly untilClosed: boolean
  /** Files and folders for the batch lane, at the same time; none: only the live lane. */
  readonly backfill: readonly string[]
  /** The journal's folder. */
  readonly journal: string
  readonly keepJournal: boolean
  readonly json: boolean
}

/** `stocks backfill`. */
export interface BackfillOptions {
  readonly paths: readonly string[]
  readonly db: string
  readonly format: FileFormat | undefined
  readonly replace: boolean
  readonly json: boolean
}

/** `stocks report`. */
export interface ReportOptions {
  readonly db: string
  readonly symbol: string | undefined
  readonly json: boolean
}

/** `stocks journal`. */
export interface JournalOptions {
  readonly directory: string
  /** Print the frames' text alone. */
  readonly frames: boolean
}

/** `stocks demo`. */
export interface DemoOptions {
  readonly directory: string
  readonly seed: number
  readonly trades: number
  /** How long it streams; not given: half a minute, or in a terminal until it is interrupted. */
  readonly seconds: number | undefined
}

/** How the text of a file is cut into records, where its name and content do not decide. */
export const FILE_FORMATS = ['auto', 'lines', 'array', 'document'] as const
/** @see {@link FILE_FORMATS} */
export type FileFormat = (typeof FILE_FORMATS)[number]

/** What a command line can ask for, decoded. */
export type Command =
  | { readonly _tag: 'help'; readonly topic: CommandName | undefined }
  | { readonly _tag: 'version' }
  | ({ readonly _tag: 'backfill' } & BackfillOptions)
  | ({ readonly _tag: 'report' } & ReportOptions)
  | ({ readonly _tag: 'demo' } & DemoOptions)

/** The commands by name, in the order of the help. */
export const COMMAND_NAMES = ['demo', 'backfill', 'report'] as const
/** @see {@link COMMAND_NAMES} */
export type CommandName = (typeof COMMAND_NAMES)[number]

/** Whether a word is a command. */
export const isCommandName = (word: string): word is CommandName => COMMAND_NAMES.some((name) => name === word)

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

/** `stocks demo`. */
export interface DemoOptions {
  readonly directory: string
  readonly seed: number
  readonly trades: number
}

/** How the text of a file is cut into records, where its name and content do not decide. */
export const FILE_FORMATS = ['auto', 'lines', 'array', 'document'] as const
/** @see {@link FILE_FORMATS} */
export type FileFormat = (typeof FILE_FORMATS)[number]

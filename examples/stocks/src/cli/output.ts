import type { Logger } from '@millrace/core'
import { paintFor, type Paint } from './paint.js'
import { printable } from './table.js'
import { wrap } from './wrap.js'

/** Where a command's words go. With `--json`, stdout is left to the result: its last line is one JSON document. */
export interface Output {
  /** For people. */
  say(line?: string): void
  /** For people, always on stderr. */
  warn(line: string): void
  /** For programs. */
  result(value: unknown): void
  /** One of many lines for programs: resolves when there is room for the next. @returns whether anybody still reads */
  print(line: string): Promise<boolean>
  readonly paint: Paint
  /** Whether people read the words as they come. */
  readonly isTerminal: boolean
  /** Where a line can be rewritten; `undefined` without a terminal. */
  readonly terminal: Terminal | undefined
  /** Cells of a line that `say` writes; 120 without a terminal. */
  readonly columns: number
}

/** A terminal's own lines, for progress. */
export interface Terminal {
  write(text: string): void
  readonly columns: number
  readonly rows: number
}

/** The two streams of the process, as far as they are used. */
export interface Streams {
  readonly stdout: Stream
  readonly stderr: Stream
}

interface Stream {
  write(text: string, flushed?: (error?: Error | null) => void): boolean
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
/** In files and pipes lines may be longer, but should still be read by people. */
const PIPE_COLUMNS = 120

/** A terminal that does not know its size says 0. */
const known = (size: number | undefined, fallback: number): number => (size !== undefined && size > 0 ? size : fallback)
const columnsOf = ({ columns }: Stream): number => known(columns, DEFAULT_COLUMNS)

const terminalOf = (screen: Stream): Terminal => ({
  write: (text) => void screen.write(text),
  get columns() { return columnsOf(screen) },
  get rows() { return known(screen.rows, DEFAULT_ROWS) },
})

const print = (stdout: Stream, line: string): Promise<boolean> => {
  let isFull = false
  const flushed = new Promise<boolean>((resolve) => {
    isFull = !stdout.write(`${line}\n`, (error) => resolve(error === undefined || error === null))
  })
  return isFull ? flushed : Promise.resolve(true)
}

/** How a command speaks: words on stdout, or on stderr when stdout carries JSON. */
export const createOutput = ({ stdout, stderr }: Streams, options: { readonly json: boolean }, env: NodeJS.ProcessEnv): Output => {
  const words = options.json ? stderr : stdout
  // A progress line goes where it can be rewritten, away from a piped result.
  const screen = words.isTTY === true ? words : stderr
  const isScreen = screen.isTTY === true && env['TERM'] !== 'dumb'
  return {
    say: (line = '') => void words.write(`${line}\n`),
    warn: (line) => void stderr.write(`${line}\n`),
    result: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    print: (line) => print(stdout, line),
    paint: paintFor(words.isTTY === true, env),
    isTerminal: words.isTTY === true,
    terminal: isScreen ? terminalOf(screen) : undefined,
    get columns() { return words.isTTY === true ? columnsOf(words) : PIPE_COLUMNS },
  }
}

/** What the library has to say, among a command's words. */
export const loggerTo = (output: Output): Logger => ({
  info: () => undefined,
  warn: (message) => output.warn(`Warning: ${printable(message)}`),
})

/** Says a sentence, in several lines where the terminal is narrow. */
export const sayWrapped = (output: Output, text: string, indent = '  '): void => {
  for (const line of wrap(text, output.columns, indent)) output.say(line)
}

/** Says the title of what comes next. */
export const sayStep = (output: Output, title: string): void => {
  output.say()
  output.say(output.paint.bold(title))
}

import type { Logger } from '@millrace/core'
import type { WriteStream } from 'node:tty'
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
  readonly paint: Paint
  /** Where a line can be rewritten; `undefined` without a terminal. */
  readonly terminal: Terminal | undefined
  /** Cells of a line that `say` writes; 120 without a terminal. */
  readonly columns: number
}

/** A terminal's own line, for progress. */
export interface Terminal {
  write(text: string): void
  readonly columns: number
}

/** The two streams of the process, as far as they are used. */
export interface Streams {
  readonly stdout: Stream
  readonly stderr: Stream
}

type Stream = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }

const DEFAULT_COLUMNS = 80
/** In files and pipes lines may be longer, but should still be read by people. */
const PIPE_COLUMNS = 120

/** A terminal that does not know its width says 0. */
const columnsOf = ({ columns }: Stream): number => (columns !== undefined && columns > 0 ? columns : DEFAULT_COLUMNS)

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
    paint: paintFor(words.isTTY === true, env),
    terminal: isScreen ? { write: (text) => void screen.write(text), get columns() { return columnsOf(screen) } } : undefined,
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

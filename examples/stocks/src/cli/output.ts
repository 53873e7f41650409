import type { WriteStream } from 'node:tty'
import { paintFor, type Paint } from './paint.js'

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

type Stream = Pick<WriteStream, 'write' | 'on'> & { readonly isTTY?: boolean; readonly columns?: number }

const DEFAULT_COLUMNS = 80
/** In files and pipes lines may be longer, but should still be read by people. */
const PIPE_COLUMNS = 120

/** Whoever reads us may leave (`| head`): from then on there is nobody to tell, and the work goes on. */
const quietly = (stream: Stream): ((text: string) => void) => {
  let isGone = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isGone = true
  })
  return (text) => {
    if (!isGone) stream.write(text)
  }
}

/** How a command speaks: words on stdout, or on stderr when stdout carries JSON. */
export const createOutput = ({ stdout, stderr }: Streams, options: { readonly json: boolean }, env: NodeJS.ProcessEnv): Output => {
  const [toStdout, toStderr] = [quietly(stdout), quietly(stderr)]
  const [words, toWords] = options.json ? [stderr, toStderr] : [stdout, toStdout]
  // A progress line goes where it can be rewritten, away from a piped result.
  const [screen, toScreen] = words.isTTY === true ? [words, toWords] : [stderr, toStderr]
  const isScreen = screen.isTTY === true && env['TERM'] !== 'dumb'
  return {
    say: (line = '') => toWords(`${line}\n`),
    warn: (line) => toStderr(`${line}\n`),
    result: (value) => toStdout(`${JSON.stringify(value)}\n`),
    paint: paintFor(words.isTTY === true, env),
    terminal: isScreen ? { write: toScreen, get columns() { return screen.columns ?? DEFAULT_COLUMNS } } : undefined,
    get columns() { return words.isTTY === true ? (words.columns ?? DEFAULT_COLUMNS) : PIPE_COLUMNS },
  }
}

import { spawn } from 'node:child_process'

/** A program to be run in a process of its own. */
export interface ChildProgram {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** It is ended with SIGTERM after this. */
  readonly deadlineMillis: number
}

/** How it ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it printed, both streams. */
  readonly output: string
}

const keptCharacters = 4_000

/** Runs a Node program to its end. */
export const runChild = ({ program, args, env, deadlineMillis }: ChildProgram): Promise<ChildEnd> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadlineMillis,
    })
    let output = ''
    const keep = (text: string): void => {
      output = (output + text).slice(-keptCharacters)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })

/** In words, with what it printed. */
export const describeEnd = ({ code, signal, output }: ChildEnd): string =>
  `${signal === null ? `exit code ${code}` : `ended by ${signal}`}; it printed:\n${output || '(nothing)'}`

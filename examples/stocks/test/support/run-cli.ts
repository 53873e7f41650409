import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How the command line ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The command line, as it is built. */
export const MAIN = fileURLToPath(import.meta.resolve('#src/main.js'))
const DEADLINE_MILLIS = 60_000

/** Starts `stocks ARGS` as a user would, without a terminal. */
export const startCli = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const { npm_lifecycle_event: _script, INIT_CWD: _typedIn, NO_COLOR: _noColor, ...inherited } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: DEADLINE_MILLIS, killSignal: 'SIGKILL' })
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, ended }
}

/** Runs `stocks ARGS` to its end. */
export const runCli = (args: readonly string[], cwd: string, env?: Readonly<Record<string, string>>): Promise<Ended> => startCli(args, cwd, env).ended

/** The last line of stdout, as JSON. */
export const lastJson = ({ stdout, stderr }: Ended): any => { // any: a test looks at what it expects, and fails where that is not there
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(line)
  } catch {
    throw new Error(`The last line of stdout is no JSON: ${JSON.stringify(line)}\nstderr: ${stderr}`)
  }
}

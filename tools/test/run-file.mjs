import { spawn } from 'node:child_process'
import { isFinished } from './verdict.mjs'

/** How long a file may linger after its last test. */
export const LEAK_GRACE_MILLIS = 5_000

const environment = () => {
  const { FORCE_COLOR: _, ...rest } = process.env
  return { ...rest, NO_COLOR: '1' }
}

const running = new Set()
/** Ends every test that still runs, with its children. */
export const killAll = () => {
  for (const kill of running) kill()
}

/** Ends the child and what it started: on POSIX it leads a process group of its own. */
const killer = (child) => () => {
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/**
 * Runs one test file in a process of its own and ends it at its deadline, or when it lingers after its last test.
 * @param {{ path: string, seconds: number }} file
 * @param {{ cwd: string, leakGraceMillis?: number }} options
 * @returns {Promise<{ output: string, exitCode: number | null, killed?: string, millis: number }>}
 */
export const runFile = ({ path, seconds }, { cwd, leakGraceMillis = LEAK_GRACE_MILLIS }) =>
  new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(process.execPath, [path], {
      cwd,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    })
    const kill = killer(child)
    running.add(kill)
    let output = ''
    let killed
    let leak
    const end = (why) => () => {
      killed = why
      kill()
    }
    const deadline = setTimeout(end(`it did not end within ${seconds} s`), seconds * 1_000)
    const hear = (text) => {
      output += text
      if (leak === undefined && isFinished(output.slice(-1_000))) {
        leak = setTimeout(end('all its tests are done, but it does not exit: a leaked timer, socket, child or file'), leakGraceMillis)
      }
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.on('error', (error) => hear(`${error}\n`))
    child.on('close', (exitCode) => {
      clearTimeout(deadline)
      clearTimeout(leak)
      running.delete(kill)
      resolve({ output, exitCode, ...(killed === undefined ? {} : { killed }), millis: Date.now() - started })
    })
  })

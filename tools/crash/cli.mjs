import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const MAIN = join(root, 'examples', 'stocks', 'dist', 'main.js')

/** The command line as a user types it, in a child that can be killed. `ended` tells how it went. */
export const startCli = (args, cwd) => {
  const { npm_lifecycle_event: _script, ...env } = process.env
  const startedAtMillis = Date.now()
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve, reject) => {
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr, millis: Date.now() - startedAtMillis }))
  })
  return { child, ended }
}

/**
 * The command line, killed after some time.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {number} [killAfterMillis] never, if it is left out
 */
export const runCli = async (args, cwd, killAfterMillis) => {
  const { child, ended } = startCli(args, cwd)
  const timer = killAfterMillis === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMillis)
  try {
    return await ended
  } finally {
    clearTimeout(timer)
  }
}

/** The last line, of a run that ended well. */
export const resultOf = ({ code, signal, stdout, stderr }) => {
  if (code !== 0) throw new Error(`the command ended with ${signal ?? code}:\n${stderr}`)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1))
}

// A child process, seen from outside: what is resident of it, ten times a second.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const sampleMillis = 100

/** Bytes that Linux reports of a process; undefined once it is gone. */
const residentOf = (pid) => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
    return { rssBytes: field('VmRSS'), highBytes: field('VmHWM') }
  } catch {
    return undefined
  }
}

/**
 * Runs a program of Node that tells on stdout, as lines of JSON, how far it is.
 * @returns {Promise<{ samples: object[], told: object, code: number | null, signal: string | null, seconds: number }>} a sample: what was told last, and
 *   `rssBytes` and `seconds`
 */
export const watch = async (args, onSample = () => {}) => {
  const started = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const seconds = () => (performance.now() - started) / 1_000
  const samples = []
  let told = {}
  createInterface(child.stdout).on('line', (line) => (told = JSON.parse(line)))
  const timer = setInterval(() => {
    const resident = residentOf(child.pid)
    if (resident === undefined || !(resident.rssBytes > 0)) return
    samples.push({ ...told, ...resident, seconds: seconds() })
    onSample(samples.at(-1))
  }, sampleMillis)
  const { code, signal } = await new Promise((resolve, reject) => child.on('error', reject).on('close', (...ending) => resolve({ code: ending[0], signal: ending[1] })))
  clearInterval(timer)
  return { samples, told, code, signal, seconds: seconds() }
}

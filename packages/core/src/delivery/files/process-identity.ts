import { readFile } from 'node:fs/promises'
import { fileErrorCode } from './file-errors.js'

/** A process that can be told from a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Boot of the machine and time of start since then; null where the system does not tell (all but Linux). */
  readonly start: string | null
}

const readText = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null)

// After the name in parentheses, which may hold anything: state is the first field, start time in clock ticks the
// twentieth.
const STATE = 0
const START_TIME = 19

const statOf = async (pid: number): Promise<readonly string[] | null> => {
  const stat = await readText(`/proc/${pid}/stat`)
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

const startFrom = async (stat: readonly string[] | null): Promise<string | null> => {
  const ticks = stat?.[START_TIME]
  const boot = await readText('/proc/sys/kernel/random/boot_id')
  return ticks === undefined || boot === null ? null : `${boot.trim()}:${ticks}`
}

/** This very process. */
export const thisProcess = async (): Promise<ProcessIdentity> => ({
  pid: process.pid,
  start: await startFrom(await statOf(process.pid)),
})

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Not allowed to signal it: so there is one.
    return fileErrorCode(error) === 'EPERM'
  }
}

/**
 * Whether it still runs: false if there is no such process, only its remains (a zombie), or a later one of the same
 * number.
 */
export const isRunning = async ({ pid, start }: ProcessIdentity): Promise<boolean> => {
  if (!exists(pid)) return false
  const stat = await statOf(pid)
  if (stat === null) return true
  if (stat[STATE] === 'Z' || stat[STATE] === 'X') return false
  const now = await startFrom(stat)
  return start === null || now === null || start === now
}

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const works = (cpus) => spawnSync('taskset', ['-c', cpus, process.execPath, '--version']).status === 0

/** Which processors a sender has to itself, and which are for what is measured; undefined where there is but one, or no `taskset`. */
const split = () => {
  const count = availableParallelism()
  const cpus = { sender: String(count - 1), measured: count === 2 ? '0' : `0-${count - 2}` }
  return count > 1 && works(cpus.sender) && works(cpus.measured) ? cpus : undefined
}

/** @see split */
export const cpus = split()

/** The words of a command that runs only on these processors. */
export const pinned = (on, words) => (on === undefined ? words : ['taskset', '-c', on, ...words])

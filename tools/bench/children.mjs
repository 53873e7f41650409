// Child programs, one fresh process each, that print one line of JSON.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { pinned } from './cpus.mjs'

const deadlineMillis = 120_000

/**
 * @param [on] the processors that it may use; default all
 * @throws Error with what the child wrote, if it failed
 */
export const runChild = (name, args, on) => {
  const file = fileURLToPath(new URL(`./child/${name}.mjs`, import.meta.url))
  const [command, ...words] = pinned(on, [process.execPath, file, ...args.map(String)])
  const { status, signal, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', timeout: deadlineMillis })
  if (status !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${signal ?? status}:\n${stdout}${stderr}`)
  return JSON.parse(stdout)
}

/**
 * Runs children by turns (A B A B …), so that what else the machine does falls on all of them alike.
 * @param programs - by name, what to run
 * @returns by name, what each round found
 */
export const byTurns = (rounds, programs) => {
  const found = Object.fromEntries(Object.keys(programs).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(programs)) found[name].push(run())
  }
  return found
}

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The median of the ratios of each round: neighbours in time have had the same machine. */
export const medianRatio = (above, below) => median(above.map((value, round) => value / below[round]))

/** @throws Error if a child did not find what it must */
export const expectAll = (what, results, expected) => {
  for (const result of results) {
    for (const [name, value] of Object.entries(expected)) {
      if (result[name] !== value) throw new Error(`${what}: ${name} is ${result[name]}, must be ${value}; without the right result a time does not count`)
    }
  }
}

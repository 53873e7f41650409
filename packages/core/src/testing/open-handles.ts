import { readdirSync, readlinkSync } from 'node:fs'
import { systemClock } from '../time/system.js'
import { defaultDeadlineMillis } from './suite.js'

/** What this process holds open now: by kind, and on Linux also each open file by its path. */
export type Handles = readonly string[]

const descriptors = '/proc/self/fd'

const target = (descriptor: string): readonly string[] => {
  try {
    return [readlinkSync(`${descriptors}/${descriptor}`)]
  } catch {
    // It was closed since it was listed: the descriptor of the listing itself is one such.
    return []
  }
}

const openFiles = (): readonly string[] => {
  try {
    const targets = readdirSync(descriptors).flatMap(target)
    return targets.filter((path) => path.startsWith('/') && !path.startsWith('/dev/') && !path.startsWith('/proc/'))
  } catch {
    // Not Linux: kinds of handles have to do.
    return []
  }
}

/** What is open now, for `leakedSince`. */
export const openHandles = (): Handles => [
  ...process.getActiveResourcesInfo().map((kind) => `a ${kind}`),
  ...openFiles().map((path) => `the file ${path}`),
]

const without = (handles: Handles, known: Handles): Handles => {
  const left = [...known]
  return handles.filter((handle) => {
    const index = left.indexOf(handle)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

const lookAgainAfterMillis = 20

/** Part of a case's deadline that things which are being closed may take. */
const patience = 1 / 4

/** What is open and was not before. Waits a while, within the harness's deadline, for things that are being closed. */
export const leakedSince = async (before: Handles, harness: { readonly deadlineMillis?: number }): Promise<Handles> => {
  const patienceMillis = (harness.deadlineMillis ?? defaultDeadlineMillis) * patience
  for (let waited = 0; ; waited += lookAgainAfterMillis) {
    const leaked = without(openHandles(), before)
    if (leaked.length === 0 || waited >= patienceMillis) return leaked
    await systemClock.sleep(lookAgainAfterMillis)
  }
}

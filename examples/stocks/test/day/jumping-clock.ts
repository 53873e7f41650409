import type { Clock } from '@millrace/core'

/** A clock that stands still between jumps: a day costs as many steps as something happens in it, however long it is. */
export interface JumpingClock extends Clock {
  /** Moves time on, never back, and ends every sleep that has fallen due, in the order of their times. */
  jumpTo(millis: number): void
  /** The same, but for the first sleeps one after the other: a process that is awake sees silence pass. */
  walkTo(millis: number): Promise<void>
}

interface Sleeper {
  readonly dueMillis: number
  readonly wake: () => void
}

/** Lets promises, and what the event loop has ready, go on. */
export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Of a quarter of a second: longer than the idle time, the bound and a window together. What comes after changes nothing. */
const MOST_STEPS = 90

/** @param startMillis Unix epoch */
export const jumpingClock = (startMillis: number): JumpingClock => {
  let nowMillis = startMillis
  const sleepers = new Set<Sleeper>()
  const sleep = (millis: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      if (millis <= 0) return resolve()
      const leave = (end: () => void) => (): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', abort)
        end()
      }
      const sleeper = { dueMillis: nowMillis + millis, wake: leave(resolve) }
      const abort = leave(() => reject(signal?.reason))
      signal?.addEventListener('abort', abort, { once: true })
      sleepers.add(sleeper)
    })
  const jumpTo = (millis: number): void => {
    nowMillis = Math.max(nowMillis, millis)
    const due = [...sleepers].filter(({ dueMillis }) => dueMillis <= nowMillis).sort((a, b) => a.dueMillis - b.dueMillis)
    for (const { wake } of due) wake()
  }
  const walkTo = async (millis: number): Promise<void> => {
    for (let step = 0; step < MOST_STEPS; step++) {
      const nextMillis = Math.min(...[...sleepers].map(({ dueMillis }) => dueMillis))
      if (nextMillis > millis) break
      jumpTo(nextMillis)
      await turns(3)
    }
    jumpTo(millis)
  }
  return { now: () => nowMillis, sleep, jumpTo, walkTo }
}

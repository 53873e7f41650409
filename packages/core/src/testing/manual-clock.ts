import type { Clock } from '../time/clock.js'
import { yieldToEventLoop } from '../time/system.js'

/** A clock that stands still until it is told to move. @public */
export interface ManualClock extends Clock {
  /**
   * Moves time on by `millis` (>= 0), and on the way ends every sleep that falls due, in the order of their times (equal
   * times: in the order they began). Before, between and after, what was woken may run: promises, and a few turns of the
   * event loop. Sleeps that begin meanwhile and fall due in the same span end too. Calls queue up behind each other.
   * @throws RangeError if `millis` is negative or not finite
   */
  advance(millis: number): Promise<void>
  /** How many sleeps have not ended yet. */
  pending(): number
}

interface Timer {
  readonly dueMillis: number
  readonly wake: () => void
}

/** Turns of the event loop in which what was woken may run: enough for promise chains with a few macrotasks between. */
const settlingTurns = 4

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < settlingTurns; turn++) await yieldToEventLoop()
}

const checkMillis = (what: string, millis: number): void => {
  if (!(millis >= 0 && Number.isFinite(millis))) {
    throw new RangeError(`manualClock: ${what}(${millis}): give a number of milliseconds that is 0 or more`)
  }
}

/**
 * A clock for tests: no real time passes. `sleep` ends only by `advance` (also `sleep(0)`), or rejects with the signal's
 * reason when that is aborted.
 * @param startMillis what `now()` gives at first, Unix epoch; default 0
 * @public
 */
export const manualClock = (startMillis = 0): ManualClock => {
  let nowMillis = startMillis
  let timers: readonly Timer[] = []
  let last: Promise<void> = Promise.resolve()

  const remove = (timer: Timer): void => {
    timers = timers.filter((other) => other !== timer)
  }
  const insert = (timer: Timer): void => {
    const index = timers.findIndex((other) => other.dueMillis > timer.dueMillis)
    timers = index < 0 ? [...timers, timer] : timers.toSpliced(index, 0, timer)
  }
  const sleep = (millis: number, signal?: AbortSignal): Promise<void> => {
    checkMillis('sleep', millis)
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      const abort = (): void => {
        remove(timer)
        reject(signal?.reason)
      }
      const wake = (): void => {
        remove(timer)
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const timer: Timer = { dueMillis: nowMillis + millis, wake }
      signal?.addEventListener('abort', abort, { once: true })
      insert(timer)
    })
  }
  const moveTo = async (targetMillis: number): Promise<void> => {
    await settle()
    for (let next = timers[0]; next !== undefined && next.dueMillis <= targetMillis; next = timers[0]) {
      nowMillis = Math.max(nowMillis, next.dueMillis)
      next.wake()
      await settle()
    }
    nowMillis = targetMillis
  }
  const advance = (millis: number): Promise<void> => {
    checkMillis('advance', millis)
    last = last.then(() => moveTo(nowMillis + millis))
    return last
  }
  return { now: () => nowMillis, sleep, advance, pending: () => timers.length }
}

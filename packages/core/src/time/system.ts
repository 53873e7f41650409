// The one file that may touch the machine's clock, timers and randomness (a lint rule).
import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.js'

/** What Node's timers can wait for; of anything longer they make 1 ms. */
const maxTimerMillis = 2 ** 31 - 1

const sleep = async (millis: number, signal?: AbortSignal): Promise<void> => {
  let left = millis
  for (; left > maxTimerMillis; left -= maxTimerMillis) await sleepOnce(maxTimerMillis, signal)
  await sleepOnce(left, signal)
}

const sleepOnce = (millis: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, millis)
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })

/** The machine's clock. @public */
export const systemClock: Clock = { now: () => Date.now(), sleep }

/** The machine's randomness, in [0, 1). @public */
export const systemRandom = (): number => Math.random()

/** An id that nothing else has, two digits a byte: not from a seed, or runs of one seed would share it. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')

/** Lets I/O callbacks run: a macrotask, not a microtask. */
export const yieldToEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

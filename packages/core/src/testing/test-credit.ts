import { BehaviorSubject, distinctUntilChanged, map } from 'rxjs'
import type { Credit } from '../source.js'

/** Credit in batches, given out by hand. @public */
export interface TestCredit extends Credit {
  /** Room for `batches` more. */
  grant(batches: number): void
  /** One batch came: to be called by the reader. */
  take(): void
  /** How often `ready` was called. */
  asked(): number
}

/**
 * Credit for `batches` batches to begin with (0: withheld; Infinity: no limit).
 * @param signal aborts `ready`
 * @public
 */
export const testCredit = (batches: number, signal: AbortSignal): TestCredit => {
  const left$ = new BehaviorSubject(batches)
  let asked = 0
  const ready = (): Promise<void> =>
    new Promise((resolve, reject) => {
      asked++
      if (signal.aborted) return reject(signal.reason)
      if (left$.value > 0) return resolve()
      const finish = (end: () => void): void => {
        subscription.unsubscribe()
        signal.removeEventListener('abort', abort)
        end()
      }
      const abort = (): void => finish(() => reject(signal.reason))
      signal.addEventListener('abort', abort, { once: true })
      const subscription = left$.subscribe((left) => {
        if (left > 0) finish(resolve)
      })
    })
  return {
    ready,
    paused$: left$.pipe(
      map((left) => left <= 0),
      distinctUntilChanged(),
    ),
    grant: (more) => left$.next(left$.value + more),
    take: () => left$.next(left$.value - 1),
    asked: () => asked,
  }
}

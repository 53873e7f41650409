/** Waits for conditions, which are looked at whenever something has happened. */
export interface Watch {
  readonly look: () => void
  /** Resolves once `condition` holds; rejects, naming what was waited for, if it does not within ten seconds. */
  readonly until: (what: string, condition: () => boolean) => Promise<void>
}

const deadlineMillis = 10_000

export const watch = (): Watch => {
  const waiting = new Set<() => void>()
  const until = (what: string, condition: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const finish = (end: () => void): void => {
        waiting.delete(check)
        clearTimeout(timer)
        end()
      }
      const check = (): void => {
        if (condition()) finish(resolve)
      }
      const timer = setTimeout(() => finish(() => reject(new Error(`waited in vain for: ${what}`))), deadlineMillis)
      waiting.add(check)
      check()
    })
  return { until, look: () => [...waiting].forEach((check) => check()) }
}

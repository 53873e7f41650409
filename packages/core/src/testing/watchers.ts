/** Whoever waits for something that is only seen by looking. */
export interface Watchers {
  /** Something may have changed. */
  look(): void
  /** Resolves once `condition` holds; looked at now and after every change. */
  until(condition: () => boolean): Promise<void>
}

/** With nobody waiting yet. */
export const watchers = (): Watchers => {
  const waiting = new Set<() => void>()
  return {
    look: () => [...waiting].forEach((watch) => watch()),
    until: (condition) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (!condition()) return
          waiting.delete(watch)
          resolve()
        }
        waiting.add(watch)
        watch()
      }),
  }
}

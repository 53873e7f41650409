/** Lets one waiter go on when something has changed. Look first, then wait in the same turn: nothing can change between. */
export class Gate {
  #open: (() => void) | undefined

  /** Resolves at the next `notify`. */
  wait(): Promise<void> {
    return new Promise((resolve) => { this.#open = resolve })
  }

  notify(): void {
    this.#open?.()
    this.#open = undefined
  }
}

/** Lets one waiter go on when something has changed. */
export class Gate {
  #isOpen = false
  #open: (() => void) | undefined

  /** Resolves at the next `notify`, or at once if there was one since the last wait. */
  async wait(): Promise<void> {
    if (!this.#isOpen) await new Promise<void>((resolve) => { this.#open = resolve })
    this.#isOpen = false
  }

  notify(): void {
    this.#isOpen = true
    this.#open?.()
    this.#open = undefined
  }
}

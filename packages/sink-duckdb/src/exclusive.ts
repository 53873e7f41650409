/** Lets callers in one at a time, in the order of their calls; a failure is the caller's own and stops nobody else. */
export class Exclusive {
  #last: Promise<unknown> = Promise.resolve()

  run<A>(work: () => Promise<A>): Promise<A> {
    const mine = this.#last.then(work, work)
    // The next one waits for this one however it ends; its failure is reported to its own caller.
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

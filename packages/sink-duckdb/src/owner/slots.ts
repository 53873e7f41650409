import { ConnectorError } from '@millrace/core'
import type { Interruption, Why } from './interruption.js'

/** DuckDB's calls run on Node's four threads: two are left for the pipelines. */
const AT_ONCE = 2

/** More are refused. */
const MAX_WAITING = 32

const tooMany = (): ConnectorError =>
  new ConnectorError({
    _tag: 'TooManyQuestions', code: 'ResourceExhausted', retryable: true,
    message: `more than ${AT_ONCE + MAX_WAITING} questions are being asked of the process that has the DuckDB file: ask again later`,
  })

interface Waiting {
  readonly interruption: Interruption
  readonly enter: () => void
}

/** Lets in some at a time, the others in the order they came; and nobody while the file is let go. */
export class Slots {
  readonly #running = new Set<Interruption>()
  #waiting: readonly Waiting[] = []
  /** Who has called {@link drain}, and not {@link resume}. */
  #holds = 0
  #whenEmpty: (() => void)[] = []

  get isBusy(): boolean {
    return this.#running.size + this.#waiting.length > 0
  }

  /** @throws ConnectorError `TooManyQuestions`; the reason of the interruption, if it comes first */
  async run(interruption: Interruption, work: () => Promise<void>): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) throw tooMany()
    await this.#turn(interruption)
    try {
      interruption.check()
      await work()
    } finally {
      this.#running.delete(interruption)
      this.#admit()
    }
  }

  /** Lets nobody in until {@link resume}, and resolves when all are out. May be called again before that. */
  drain(): Promise<void> {
    this.#holds += 1
    return new Promise((resolve) => {
      if (this.#running.size === 0) resolve()
      else this.#whenEmpty.push(resolve)
    })
  }

  /** Ends what is running. */
  interrupt(why: Why): void {
    for (const one of this.#running) one.interrupt(why)
  }

  /** To be called once for each {@link drain} that is over; the last one lets in again. */
  resume(): void {
    this.#holds -= 1
    this.#admit()
  }

  /** Resolves when this one is let in, or interrupted. */
  #turn(interruption: Interruption): Promise<void> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        interruption,
        enter: () => {
          interruption.signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        resolve()
      }
      this.#waiting = [...this.#waiting, waiting]
      interruption.signal.addEventListener('abort', leave, { once: true })
      // One that was interrupted before hears nothing of it.
      if (interruption.why !== undefined) leave()
      this.#admit()
    })
  }

  /** Who is let in has the place from then on: a newcomer cannot take it before the other wakes. */
  #admit(): void {
    if (this.#running.size === 0) for (const tell of this.#whenEmpty.splice(0)) tell()
    while (this.#holds === 0 && this.#running.size < AT_ONCE) {
      const [next, ...others] = this.#waiting
      if (next === undefined) return
      this.#waiting = others
      this.#running.add(next.interruption)
      next.enter()
    }
  }
}

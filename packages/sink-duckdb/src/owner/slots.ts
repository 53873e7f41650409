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

/** Lets in some at a time, the others in the order they came; and nobody while the file is let go. */
export class Slots {
  readonly #running = new Set<Interruption>()
  readonly #waiting: (() => void)[] = []
  #held = false
  #whenEmpty: (() => void) | undefined

  get isBusy(): boolean {
    return this.#running.size + this.#waiting.length > 0
  }

  /** @throws ConnectorError `TooManyQuestions`; the reason of the interruption, if it comes first */
  async run(interruption: Interruption, work: () => Promise<void>): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) throw tooMany()
    while (interruption.why === undefined && (this.#held || this.#running.size >= AT_ONCE)) await this.#turn(interruption.signal)
    interruption.check()
    this.#running.add(interruption)
    try {
      await work()
    } finally {
      this.#running.delete(interruption)
      this.#next()
    }
  }

  /** Resolves when it may be this one's turn, or the signal is aborted. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1)
        resolve()
      }
      this.#waiting.push(go)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** Lets nobody in until {@link resume}, and resolves when all are out. */
  drain(): Promise<void> {
    this.#held = true
    return new Promise((resolve) => {
      if (this.#running.size === 0) resolve()
      else this.#whenEmpty = resolve
    })
  }

  /** Ends what is running. */
  interrupt(why: Why): void {
    for (const one of this.#running) one.interrupt(why)
  }

  resume(): void {
    this.#held = false
    for (let free = AT_ONCE - this.#running.size; free > 0; free--) this.#waiting.shift()?.()
  }

  #next(): void {
    if (this.#running.size === 0) this.#whenEmpty?.()
    if (!this.#held) this.#waiting.shift()?.()
  }
}

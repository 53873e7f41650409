import type { Socket } from 'node:net'
import { ConnectorError, type Data, systemClock } from '@millrace/core'
import { FrameReader, frameOf, MAX_ANSWER_BYTES, MAX_QUESTION_BYTES } from './frames.js'
import { Interruption } from './interruption.js'
import { type Answer, errorForm, type Hello, Question } from './messages.js'

/** How long an asker may take. */
export interface Patience {
  /** From the connection to the question. */
  readonly questionMillis: number
  /** To read a piece of an answer; who is slower holds up the pipelines' file, and is dropped. */
  readonly pieceMillis: number
}

/** For askers on the same machine that do nothing else meanwhile. */
export const PATIENCE: Patience = { questionMillis: 5_000, pieceMillis: 10_000 }

/** An answer that takes its time says so as often. */
const ALIVE_MILLIS = 1_000

const isQuestion = (message: Data): message is Data & Question => Question.is(message)

/** One asker, at the owner's side: says hello, hears a question, gives an answer. */
export class Visit {
  readonly interruption = new Interruption()
  readonly #socket: Socket
  readonly #patience: Patience
  #onQuestion: ((question: Question | undefined) => void) | undefined

  constructor(socket: Socket, patience: Patience) {
    this.#socket = socket
    this.#patience = patience
    socket.unref()
    // What goes wrong closes it.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#gone())
    this.#listen(new FrameReader(MAX_QUESTION_BYTES))
  }

  /** @returns `undefined` if none comes that is one */
  async questionAfter(hello: Hello): Promise<Question | undefined> {
    this.#socket.setTimeout(this.#patience.questionMillis, () => this.#socket.destroy())
    const question = new Promise<Question | undefined>((resolve) => {
      this.#onQuestion = resolve
    })
    this.#write(hello)
    const heard = await question
    this.#socket.setTimeout(0)
    return heard
  }

  /** Sends a piece, and waits until it is taken. Drops who does not take it in time. */
  async send(answer: Answer): Promise<void> {
    this.interruption.check()
    if (this.#write(answer)) return
    const taken = new AbortController()
    this.#socket.once('drain', () => taken.abort())
    this.interruption.signal.addEventListener('abort', () => taken.abort(), { once: true, signal: taken.signal })
    await systemClock.sleep(this.#patience.pieceMillis, taken.signal).then(() => this.#socket.destroy(), () => undefined)
    this.interruption.check()
  }

  /** Until the question is answered. */
  async sayAlive(): Promise<void> {
    const { over } = this.interruption
    while (!over.aborted) {
      await systemClock.sleep(ALIVE_MILLIS, over).catch(() => undefined)
      if (!over.aborted && this.#socket.writableLength === 0) this.#write({ alive: true })
    }
  }

  /** The last word. */
  end(last: Answer): void {
    this.interruption.end()
    if (this.#socket.destroyed) return
    this.#write(last)
    this.#socket.end()
    this.#socket.setTimeout(this.#patience.pieceMillis, () => this.#socket.destroy())
  }

  fail(error: ConnectorError): void {
    this.end(this.interruption.why === 'again' ? { again: true } : { error: errorForm(error) })
  }

  drop(): void {
    this.#socket.destroy()
  }

  #gone(): void {
    this.interruption.interrupt('gone')
    this.interruption.end()
    this.#onQuestion?.(undefined)
  }

  #listen(reader: FrameReader): void {
    let asked = false
    this.#socket.on('data', (bytes: Buffer) => {
      try {
        for (const message of reader.push(bytes)) {
          // One question is all that an asker says.
          if (asked || !isQuestion(message)) return this.drop()
          asked = true
          this.#onQuestion?.(message)
        }
      } catch {
        this.drop()
      }
    })
    this.#socket.on('end', () => this.drop())
  }

  /** @returns whether it may go on */
  #write(message: Answer | Hello): boolean {
    if (this.#socket.destroyed) return false
    // Only `Data` is in it: what rows and pieces hold was made by `toWire`.
    return this.#socket.write(frameOf(message as Data, 'a row of the answer', MAX_ANSWER_BYTES))
  }
}

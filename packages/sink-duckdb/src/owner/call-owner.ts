import { lstatSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Data } from '@millrace/core'
import type { FileIdentity } from '../file-identity.js'
import { codeOf } from '../process-alive.js'
import { Answer, Hello, PROTOCOL, type Question } from './messages.js'
import { FrameReader, frameOf, MAX_ANSWER_BYTES, MAX_QUESTION_BYTES } from './frames.js'
import { placesOf } from './places.js'

/** An owner that says nothing for so long is not waited for. */
const SILENCE_MILLIS = 5_000

/** The owner of a file, and the line to it, which is to be closed. */
export interface Owner {
  readonly hello: Hello
  readonly line: Line
}

/** What was found where an owner would listen; `trouble` says why one that may be there cannot be asked. */
export type Found = { readonly owner: Owner } | { readonly owner?: undefined; readonly trouble: string | undefined }

/** Ends a connection by its own fault, with the words for the user. */
class LineError extends Error {}

/** A connection to an owner, at the asker's side. */
export class Line {
  readonly #socket: Socket
  readonly place: string
  readonly #messages: AsyncGenerator<Data>

  constructor(place: string) {
    this.place = place
    this.#socket = connect(place)
    this.#socket.setTimeout(SILENCE_MILLIS, () =>
      this.#socket.destroy(new LineError(`it did not answer on ${place} within ${SILENCE_MILLIS / 1_000} s`)))
    // Whoever reads from it hears of it.
    this.#socket.on('error', () => undefined)
    this.#messages = this.#read(new FrameReader(MAX_ANSWER_BYTES))
  }

  /** @throws Error that says why there is none */
  async hello(): Promise<Hello | undefined> {
    const first = await this.#messages.next()
    return first.done !== true && Hello.is(first.value) ? first.value : undefined
  }

  /** The parts of the answer; ends early if the owner goes away. */
  async *ask(question: Question): AsyncGenerator<Answer> {
    // A question is made of `Data`.
    this.#socket.write(frameOf(question as unknown as Data, 'the question', MAX_QUESTION_BYTES))
    for (;;) {
      const next = await this.#messages.next()
      if (next.done === true || !Answer.is(next.value)) return
      yield next.value
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  async *#read(reader: FrameReader): AsyncGenerator<Data> {
    for await (const bytes of this.#socket) yield* reader.push(bytes as Buffer) // as: no encoding is set
  }
}

/** In a folder that others can write to, a socket may be anybody's. */
const isTrusted = (place: string, file: FileIdentity): boolean => {
  if (process.platform === 'win32') return true
  const stats = lstatSync(place, { throwIfNoEntry: false })
  if (stats?.isSocket() !== true) return false
  return stats.uid === process.getuid?.() || stats.uid === statSync(file.path, { throwIfNoEntry: false })?.uid
}

/** Nobody listens there. */
const NOBODY: readonly (string | undefined)[] = ['ECONNREFUSED', 'ENOENT']

/** Why one that may be there cannot be asked, to follow "… is in use: ". */
export const troubleOf = (place: string, error: unknown): string | undefined => {
  if (error instanceof LineError) return error.message
  if (NOBODY.includes(codeOf(error))) return undefined
  return `${place} cannot be used: ${error instanceof Error ? error.message : String(error)}`
}

const callAt = async (place: string, file: FileIdentity): Promise<Found> => {
  let line: Line | undefined
  try {
    if (!isTrusted(place, file)) return { trouble: undefined }
    line = new Line(place)
    const hello = await line.hello()
    if (hello?.file === file.id) return { owner: { hello, line } }
    line.close()
    return { trouble: undefined }
  } catch (error) {
    line?.close()
    return { trouble: troubleOf(place, error) }
  }
}

/** Looks for a process, or another thread of this one, that has the file and can be asked. Takes 5 s where one is there and says nothing. */
export const findOwner = async (file: FileIdentity): Promise<Found> => {
  let trouble: string | undefined
  for (const place of placesOf(file)) {
    const found = await callAt(place, file)
    if (found.owner !== undefined) return found
    trouble ??= found.trouble
  }
  return { trouble }
}

/** Whether the owner can be asked; its hello is the same in all versions. */
export const isOurVersion = ({ hello }: Owner): boolean => hello.protocol === PROTOCOL

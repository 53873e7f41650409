import { createServer, type Server, type Socket } from 'node:net'
import type { DuckDBConnection } from '@duckdb/node-api'
import { systemClock } from '@millrace/core'
import { classify } from '../errors.js'
import type { FileIdentity } from '../file-identity.js'
import { answersTo } from './answers.js'
import { listenAt } from './listen.js'
import { PROTOCOL, type Question } from './messages.js'
import { placesOf } from './places.js'
import { Slots } from './slots.js'
import { PATIENCE, type Patience, Visit } from './visit.js'

/** How many may be connected; most of them wait, or only ask who is there. */
const MAX_CONNECTIONS = 64

/** Questions that last longer are interrupted when the file must be let go, and asked again. */
const RENEWAL_GRACE_MILLIS = 1_000

/** What the owner of a file offers. */
export interface Owned {
  /** Names of the pipelines that use it now. */
  readonly pipelines: () => readonly string[]
  /** Calls `work` with a connection of its own, in a transaction that only reads. */
  readonly reading: (work: (connection: DuckDBConnection) => Promise<void>) => Promise<void>
}

/** Answers the questions of other processes about a file that this one has, on a local socket. */
export class Reception {
  /** Why it cannot be asked; `undefined` when it can. */
  trouble: string | undefined
  readonly #file: FileIdentity
  readonly #owned: Owned
  readonly #patience: Patience
  readonly #slots = new Slots()
  readonly #visits = new Set<Visit>()
  #server: Server | undefined
  #remove: (() => void) | undefined
  #isClosed = false

  private constructor(file: FileIdentity, owned: Owned, patience: Patience) {
    this.#file = file
    this.#owned = owned
    this.#patience = patience
  }

  /** To be called by who has the file. Does not fail: without a socket the owner goes on. */
  static async open(file: FileIdentity, owned: Owned, patience = PATIENCE): Promise<Reception> {
    const reception = new Reception(file, owned, patience)
    const troubles: string[] = []
    for (const place of placesOf(file)) {
      if (await reception.#listen(place, troubles)) return reception
    }
    reception.trouble = troubles.length > 0 ? troubles.join('; ') : 'the path of a socket would be too long'
    return reception
  }

  /** Whether anybody asks. */
  get isBusy(): boolean {
    return this.#slots.isBusy
  }

  /** Calls `work` while nobody asks; what takes too long is interrupted, and asked again by its asker. */
  async without<A>(work: () => Promise<A>): Promise<A> {
    const drained = this.#slots.drain()
    const done = new AbortController()
    void systemClock.sleep(RENEWAL_GRACE_MILLIS, done.signal).then(() => this.#slots.interrupt('again'), () => undefined)
    try {
      await drained
      done.abort()
      return await work()
    } finally {
      this.#slots.resume()
    }
  }

  /** Idempotent. When it resolves, nobody uses the file any more, and the socket is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#remove?.()
    this.#remove = undefined
    this.#server?.close()
    for (const visit of this.#visits) visit.drop()
    this.#slots.interrupt('gone')
    await this.#slots.drain()
  }

  async #listen(place: string, troubles: string[]): Promise<boolean> {
    const server = createServer((socket) => void this.#receive(socket))
    server.maxConnections = MAX_CONNECTIONS
    try {
      this.#remove = await listenAt(server, place)
      // A connection that the system could not accept, say: the next one may be.
      server.on('error', () => undefined)
      this.#server = server
      return true
    } catch (error) {
      troubles.push(error instanceof Error ? error.message : String(error))
      return false
    }
  }

  async #receive(socket: Socket): Promise<void> {
    const visit = new Visit(socket, this.#patience)
    this.#visits.add(visit)
    socket.once('close', () => this.#visits.delete(visit))
    if (this.#isClosed) return visit.drop()
    const question = await visit.questionAfter({
      millrace: 'duckdb-owner', protocol: PROTOCOL, pid: process.pid, file: this.#file.id, pipelines: [...this.#owned.pipelines()],
    })
    if (question === undefined) return visit.drop()
    await this.#answer(visit, question)
  }

  async #answer(visit: Visit, question: Question): Promise<void> {
    void visit.sayAlive()
    try {
      await this.#slots.run(visit.interruption, () => this.#owned.reading((connection) => this.#tell(visit, connection, question)))
      visit.end({ done: true })
    } catch (error) {
      visit.fail(classify(error, question.path))
    }
  }

  #tell(visit: Visit, connection: DuckDBConnection, question: Question): Promise<void> {
    return visit.interruption.during(connection, async () => {
      for await (const answer of answersTo(connection, question)) await visit.send(answer)
    })
  }
}

import type { Subscriber } from 'rxjs'
import type { Data } from '../../data.js'
import type { Source, SourceBatch, SourceContext } from '../../source.js'
import type { Traits } from '../../traits.js'
import { classified } from '../files/file-errors.js'
import type { OwnerLock } from '../files/owner-lock.js'
import { InnerFeed, type InnerEnd } from './inner-feed.js'
import { missingRecords } from './journal-errors.js'
import { lockJournal, willLeave } from './journal-lock.js'
import type { JournalOffset } from './journal-offset.js'
import type { JournalSettings } from './journal-options.js'
import { JournalWriter } from './journal-writer.js'
import { openJournal } from './open-journal.js'
import { Room } from './room.js'
import { TailReader } from './tail-reader.js'

/** One subscription to a journaled source. */
export interface JournalReadOptions<O extends Data> {
  readonly source: Source<Uint8Array, O, Traits['reach']>
  readonly partition: string
  readonly after: JournalOffset | undefined
  readonly context: SourceContext
  readonly settings: JournalSettings
  readonly subscriber: Subscriber<SourceBatch<Uint8Array, JournalOffset>>
}

/** What is open while the directory is this read's. */
interface OpenParts<O extends Data> {
  readonly writer: JournalWriter
  readonly reader: TailReader
  readonly room: Room
  readonly feed: InnerFeed<O>
}

const nothing = (): void => undefined

/**
 * Two flows that meet in the journal: what the inner source gives is appended at once, and what is appended is read and given as there is
 * credit.
 */
export class JournalRead<O extends Data> {
  readonly #options: JournalReadOptions<O>
  /** The read is over: unsubscribed or aborted. */
  readonly #left = new AbortController()
  #lock: OwnerLock | undefined
  #parts: OpenParts<O> | undefined
  #isGiving = false
  #isClosing = false
  #toldListening: boolean | undefined
  #ending: 'stop' | 'drain' | undefined
  #done: Promise<void> = Promise.resolve()
  #settling: Promise<unknown> = Promise.resolve()
  /** Whoever waits for something to happen. */
  #wake = nothing
  /** Whoever waits for credit that may be of no use any more. */
  #breakWait = nothing

  constructor(options: JournalReadOptions<O>) {
    this.#options = options
  }

  start(): void {
    const { context, subscriber } = this.#options
    context.signal.addEventListener('abort', this.#onAbort, { once: true })
    context.ending.addEventListener('abort', this.#onEnding, { once: true })
    if (context.ending.aborted) this.#onEnding()
    if (context.signal.aborted) this.#onAbort()
    this.#tell()
    this.#done = this.#run()
    this.#done.then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    )
  }

  /** Cuts the connection at once; files and lock follow. */
  leave(): void {
    willLeave(this.#options.settings.directory, this.#done.catch(nothing))
    this.#left.abort()
    this.#parts?.feed.cut()
    this.#stir()
  }

  /** Everything up to there was processed, and never has to be given again. */
  settle(upTo: JournalOffset): Promise<void> {
    const settled = this.#settling.then(() => this.#settle(upTo))
    this.#settling = settled.catch(nothing)
    return settled
  }

  /** Nothing has come for so long: what follows from it must follow again when the journal is read again. */
  silent(millis: number): void {
    if (this.#toldListening === true && !this.#isOver) this.#parts?.feed.silence(millis)
  }

  async #settle(upTo: JournalOffset): Promise<void> {
    const { settings, after } = this.#options
    if (this.#parts === undefined || this.#isClosing) return
    const { writer, room } = this.#parts
    // Of another journal, before this one began: nothing of this one is processed.
    const processed = upTo.journal === writer.journal ? upTo.number : 0
    const until = Math.min(processed, Math.max(after?.number ?? 0, room.givenNumber))
    try {
      await this.#lock?.verify()
      await writer.settle(until)
    } catch (error) {
      throw classified(error, `Making safe the journal in ${settings.directory}`, 'JournalFile')
    }
    room.settled(until)
  }

  async #run(): Promise<void> {
    const end = await this.#work()
    if (end._tag === 'Failed') throw end.error
  }

  /** Answers how the inner source has ended, once all is given and nothing is open. */
  async #work(): Promise<InnerEnd> {
    try {
      const parts = await this.#open()
      if (this.#ending === undefined) parts.feed.connect()
      else parts.feed.cut()
      await this.#give(parts)
      while (parts.feed.end === undefined) await this.#something()
      this.#left.signal.throwIfAborted()
      await parts.writer.sync()
      return parts.feed.end
    } catch (error) {
      this.#left.signal.throwIfAborted()
      throw classified(error, `Using the journal in ${this.#options.settings.directory}`, 'JournalFile')
    } finally {
      this.#parts?.feed.cut()
      await this.#close()
    }
  }

  async #open(): Promise<OpenParts<O>> {
    const { settings, context, after, source, partition } = this.#options
    const { directory, maxBytes } = settings
    this.#lock = await lockJournal(directory, context.clock.now())
    this.#left.signal.throwIfAborted()
    const state = await openJournal(directory, after, context.logger)
    this.#left.signal.throwIfAborted()
    const writer = new JournalWriter(state, settings)
    // Numbers without a segment were removed.
    const reader = new TailReader(writer, Math.max(after?.number ?? 0, state.segments.length === 0 ? state.lastNumber : 0))
    const room = new Room(maxBytes, reader.startBytes, writer.end, this.#onFull)
    const feed = new InnerFeed({ source, partition, context, writer, room, owesGap: state.nextNumber > 1, onChange: this.#onChange })
    const parts = { writer, reader, room, feed }
    this.#parts = parts
    return parts
  }

  readonly #onFull = (isFull: boolean, aheadBytes: number): void => {
    const { context, settings, source } = this.#options
    const journal = `the journal in ${settings.directory}`
    if (isFull) context.logger.warn(`${journal} is full (${aheadBytes} bytes ahead of the last checkpoint): source '${source.name}' is paused`)
    else context.logger.info(`${journal} has room again (${aheadBytes} bytes ahead of the last checkpoint): source '${source.name}' goes on`)
  }

  readonly #onChange = (): void => {
    this.#tell()
    this.#stir()
  }

  /** Gives what is appended until the inner source has ended; or, at a stop, only until then. */
  async #give(parts: OpenParts<O>): Promise<void> {
    while (!this.#isOver) {
      if (parts.reader.hasMore) await this.#giveNext(parts)
      else if (parts.feed.end !== undefined) return
      else await this.#something()
    }
  }

  async #giveNext({ reader, room, writer }: OpenParts<O>): Promise<void> {
    this.#isGiving = true
    await this.#credit()
    const batch = this.#isOver ? undefined : await reader.next()
    if (!this.#isOver) {
      if (batch === undefined) throw missingRecords(this.#options.settings.directory, reader.nextNumber, writer.lastNumber)
      room.given(batch.offset.number, reader.bytes)
      this.#options.subscriber.next(batch)
    }
    this.#isGiving = false
    this.#tell()
  }

  #credit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#breakWait = resolve
      this.#options.context.credit.ready().then(resolve, reject)
    })
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Nothing more is given. */
  get #isOver(): boolean {
    return this.#left.signal.aborted || this.#ending === 'stop'
  }

  #stir(): void {
    this.#wake()
    if (this.#isOver) this.#breakWait()
  }

  /** Silence means that nothing happens only while the inner source listens and all that it gave is given. */
  #tell(): void {
    const listens = this.#parts?.feed.isListening === true && !this.#isGiving && !this.#parts.reader.hasMore
    if (listens === this.#toldListening) return
    this.#toldListening = listens
    this.#options.context.listening(listens)
  }

  readonly #onAbort = (): void => {
    this.#left.abort(this.#options.context.signal.reason)
    this.#parts?.feed.cut()
    this.#stir()
  }

  readonly #onEnding = (): void => {
    const { ending } = this.#options.context
    this.#ending = ending.reason === 'drain' ? 'drain' : 'stop'
    this.#parts?.feed.takeLeave(this.#ending)
    this.#stir()
  }

  async #close(): Promise<void> {
    const { context } = this.#options
    context.signal.removeEventListener('abort', this.#onAbort)
    context.ending.removeEventListener('abort', this.#onEnding)
    // What is asked for from now on has to wait for the next read.
    this.#isClosing = true
    await this.#settling
    const parts = this.#parts
    this.#parts = undefined
    try {
      parts?.writer.close()
      await parts?.reader.close()
    } finally {
      await this.#lock?.release()
    }
  }
}

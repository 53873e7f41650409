import { defer, Subject, takeUntil } from 'rxjs'
import type { Data } from '../../data.js'
import type { Gap } from '../../gap.js'
import type { Source, SourceContext } from '../../source.js'
import type { Traits } from '../../traits.js'
import type { Appended, JournalWriter } from './journal-writer.js'
import type { Room } from './room.js'

/** How the inner source has ended; one that was cut off has completed. */
export type InnerEnd = { readonly _tag: 'Completed' } | { readonly _tag: 'Failed'; readonly error: unknown }

/** What the inner source is read with, and into. */
export interface InnerFeedOptions<O extends Data> {
  readonly source: Source<Uint8Array, O, Traits['reach']>
  readonly partition: string
  readonly context: SourceContext
  readonly writer: JournalWriter
  readonly room: Room
  /** The journal goes on: what was sent since it was last written to is lost. */
  readonly owesGap: boolean
  /** Something was appended, or what `end` or `isListening` say may have changed. */
  readonly onChange: () => void
}

/** Records whose first one is silent for less. */
const lessSilent = (records: Appended['records'], millis: number): Appended['records'] => {
  if (millis === 0) return records
  const less = (silentMillis: number): number => Math.max(0, silentMillis - millis)
  if (!('_tag' in records)) return records.map((record, i) => (i === 0 ? { ...record, silentMillis: less(record.silentMillis ?? 0) } : record))
  return records.silentMillis === undefined ? records : { ...records, silentMillis: records.silentMillis.map((each, i) => (i === 0 ? less(each) : each)) }
}

/** The way from the inner source into the journal: whatever it gives is appended within its `next`. */
export class InnerFeed<O extends Data> {
  readonly #options: InnerFeedOptions<O>
  readonly #cut = new AbortController()
  readonly #cut$ = new Subject<void>()
  readonly #ending = new AbortController()
  #isConnected = false
  #listens = true
  #owesGap: boolean
  /** Silence that is in the journal, and that the next record would tell of once more. */
  #toldMillis = 0
  #end: InnerEnd | undefined

  constructor(options: InnerFeedOptions<O>) {
    this.#options = options
    this.#owesGap = options.owesGap
  }

  get end(): InnerEnd | undefined {
    return this.#end
  }

  /** Whether its silence means that nothing happens. */
  get isListening(): boolean {
    return this.#isConnected && this.#end === undefined && this.#listens
  }

  connect(): void {
    const { source, partition, context, room } = this.#options
    const inner: SourceContext = { ...context, credit: room.credit(this.#cut.signal), listening: this.#onListening, ending: this.#ending.signal }
    this.#isConnected = true
    // What `read` itself throws is an error like those of its Observable.
    defer(() => source.read(partition, undefined, inner))
      .pipe(takeUntil(this.#cut$))
      .subscribe({
        next: (batch) => this.#append(batch),
        error: (error: unknown) => this.#endWith({ _tag: 'Failed', error }),
        complete: () => this.#endWith({ _tag: 'Completed' }),
      })
    this.#options.onChange()
  }

  /** Nothing has come for so long. */
  silence(silentMillis: number): void {
    // It listens, so the gap before it is over.
    if (this.#owesGap) this.#append({ records: [] })
    this.#write({ records: [], silentMillis })
    this.#toldMillis += silentMillis
  }

  /** It is to end by itself; one that cannot is cut off. */
  takeLeave(how: 'stop' | 'drain'): void {
    if (this.#options.source.capabilities.drains === true) this.#ending.abort(how)
    else this.cut()
  }

  /** Unsubscribes, at once. */
  cut(): void {
    this.#cut.abort()
    this.#cut$.next()
    this.#options.room.release()
    this.#endWith({ _tag: 'Completed' })
  }

  #append({ records, gap = this.#owedGap() }: Appended): void {
    this.#write({ records: lessSilent(records, this.#toldMillis), ...(gap && { gap }) })
    this.#owesGap = false
    this.#toldMillis = 0
  }

  #write(appended: Appended): void {
    const { writer, room, onChange } = this.#options
    try {
      writer.append(appended)
      room.appended(writer.end)
    } catch (error) {
      // Within its `next`, so that it sees it is cut off before it confirms anything.
      this.#endWith({ _tag: 'Failed', error })
      this.cut()
    }
    onChange()
  }

  #owedGap(): Gap | undefined {
    if (!this.#owesGap) return undefined
    const { context, writer } = this.#options
    const fromMillis = Number.isNaN(writer.lastMillis) ? context.runStartedAtMillis : writer.lastMillis
    return { fromMillis, toMillis: Math.max(fromMillis, context.clock.now()), reason: 'restarted' }
  }

  readonly #onListening = (isListening: boolean): void => {
    this.#listens = isListening
    // From now on it counts anew.
    if (!isListening) this.#toldMillis = 0
    if (isListening && this.#owesGap && !this.#cut.signal.aborted) this.#append({ records: [] })
    else this.#options.onChange()
  }

  #endWith(end: InnerEnd): void {
    this.#end ??= end
    this.#options.onChange()
  }
}

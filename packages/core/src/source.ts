import type * as t from 'io-ts'
import type { Observable } from 'rxjs'
import type { Data } from './data.js'
import type { Position } from './envelope.js'
import type { Failure } from './failure.js'
import type { Gap } from './gap.js'
import type { Logger } from './logger.js'
import type { Traits } from './traits.js'
import type { Clock } from './time/clock.js'

/** One record as a source gives it. @public */
export interface SourceRecord<A> {
  readonly value: A
  readonly position: Position
  readonly receivedAtMillis: number
  readonly attributes?: Readonly<Record<string, string>>
  /** True length, also where the value was cut at the source's `maxRecordBytes`. */
  readonly bytes: number
  /** The source could not give the record whole (corrupt gzip, unterminated, oversized): the read stage makes it a dead letter. */
  readonly failure?: Failure
  /**
   * How long, right before this record, the source was connected and reading and nothing came; default 0. Not the time while it was
   * paused, disconnected or behind: only this silence moves the watermark of a replay as it moved the first time.
   */
  readonly silentMillis?: number
}

/**
 * Many byte records over one shared buffer: no object, no slice per record. Record `i` is
 * `buffer.subarray(starts[i], ends[i])`, its position is `[positions[i]]`. Handed over: the source must not write to it again.
 * @public
 */
export interface PackedRecords {
  readonly _tag: 'Packed'
  readonly count: number
  readonly buffer: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** Byte offsets in the unpacked file, journal record numbers, …: strictly ascending within a partition, up to 2^53. */
  readonly positions: Float64Array
  /** Of all records, or of each. */
  readonly receivedAtMillis: number | Float64Array
  /** As in {@link SourceRecord}, by index; absent: 0. */
  readonly silentMillis?: Float64Array
  /**
   * 1 where record and the next one may be parsed as neighbours in one call. A source may set it only where the record is one
   * JSON object that holds no other brace, starts with `{` and ends with `}`, the next record starts with `{`, and between the
   * two there is either one comma first and then blanks only (space, tab, `\n`, `\r`), or blanks only, and at least one: what
   * parses jointly overwrites the byte behind the record with a comma. Then a joint parse that yields as many values as there
   * are records cut them rightly.
   */
  readonly joinable?: Uint8Array
  /** By index, only for records that are not whole. */
  readonly failures?: ReadonlyMap<number, Failure>
  /** By index, true length of records that were cut at `maxRecordBytes`. */
  readonly trueBytes?: ReadonlyMap<number, number>
}

/** Some records of one partition, in its order. @public */
export interface SourceBatch<A, Offset> {
  readonly records: readonly SourceRecord<A>[] | (Uint8Array extends A ? PackedRecords : never)
  /** Resume strictly after this batch from here. */
  readonly offset: Offset
  /** Right before the first record of this batch the source heard nothing for a while; the batch may have no record. A source that is resumed where it stopped has none. */
  readonly gap?: Gap
  /** Behind its last record nothing came for so long, while the source listened. No later record tells of it again. The batch may have no record. */
  readonly silentMillis?: number
  /** No later record of this partition is earlier than this: lets a bounded source release windows, and moves the watermark of any. */
  readonly floorMillis?: number
  /** What was read from outside so far for this partition (packed bytes of its file), for progress only. */
  readonly consumedBytes?: number
  /** On the last batch of a bounded partition: a hash of its whole unpacked content, which finds copies under another name. Absent where there was no record. */
  readonly contentDigest?: string
}

/** One ordered sub-stream of a source. @public */
export interface Partition {
  readonly name: string
  /** Bounded sources: what makes it the same input again (size and mtime of a file, generation of an object). Decides, before anything is read, whether a run is new, unfinished or done; without one the name alone does, and content that changed under it is not seen. */
  readonly fingerprint?: Data
  /** What it holds outside, for progress only. */
  readonly sizeBytes?: number
}

/** RxJS has no back-pressure: every source lives on credit, and holds no more than that plus one read. @public */
export interface Credit {
  /** Resolves when there is room (at once, if there is); a pull source awaits it before each batch. Rejects when the read is aborted. */
  ready(): Promise<void>
  /** A push source pauses its socket by it; starts with the present state. */
  readonly paused$: Observable<boolean>
}

/** What core hands to a source. @public */
export interface SourceContext {
  readonly credit: Credit
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** When this run began, stable across its crashes: `receivedAtMillis` of records that carry no stamp of their own. */
  readonly runStartedAtMillis: number
  /** Tells the operator what is not an error of the run (an ignored file, a reconnection). */
  readonly logger: Logger
  /**
   * An unbounded source says whether silence means that nothing happens: it is connected, not paused, and has given all that it has
   * received. Only then idle time runs. Taken for true until it is called.
   */
  readonly listening: (isListening: boolean) => void
  /**
   * Aborted, with the reason `'stop'` or `'drain'`, when the run ends in order. A source with the capability `drains` then takes its
   * leave outside, gives what it has received by then (at a stop only if it could not give it again later), and completes.
   */
  readonly ending: AbortSignal
}

/** What a source can promise; conformance cases are skipped by it. @public */
export interface SourceCapabilities {
  readonly bounded: boolean
  readonly replayable: boolean
  readonly acknowledges: boolean
  /** It completes by itself after `context.ending` was aborted; others are unsubscribed from. Default false. */
  readonly drains?: boolean
}

/**
 * Produces records, partition by partition. Constructing one opens nothing. It gives **bytes** where the outside gives
 * bytes: parsing belongs to the pipeline. It classifies errors (`ConnectorError`) and never retries.
 * @public
 */
export interface Source<A, Offset extends Data, R extends Traits['reach']> {
  readonly name: string
  readonly reach: R
  readonly capabilities: SourceCapabilities
  /** The JSON form of the offset, for checkpoints. */
  readonly offset: t.Type<Offset, Data>
  /** Called once a run, before any read. Order and names are the same on every call for the same input. */
  partitions(context: SourceContext): Promise<readonly Partition[]>
  /** Cold: to subscribe is to connect, to unsubscribe is to disconnect. Completes when a bounded partition has ended. `after` comes from the batch after which to resume. */
  read(partition: string, after: Offset | undefined, context: SourceContext): Observable<SourceBatch<A, Offset>>
  /**
   * A source that keeps what it heard (a journal) keeps silence too, or it would judge otherwise when it is read again: it is told when
   * windows would close because nothing came for so long, and gives a batch with that `silentMillis`, on which they close. Without it they
   * close by the run's clock.
   */
  silent?(partition: string, millis: number): void
  /** Acknowledge to the outside everything up to here: called once the checkpoint that covers it is durable. */
  settle?(partition: string, upTo: Offset): Promise<void>
}

import { setMaxListeners } from 'node:events'
import { NEVER } from 'rxjs'
import type { PartitionProgress, StateChanges } from '../delivery/checkpoint-form.js'
import { retrying, type RetryContext } from '../delivery/retry.js'
import { ConnectorError } from '../failure.js'
import { silentLogger } from '../logger.js'
import type { AnySource } from '../pipeline/stage.js'
import type { Credit, Partition, SourceContext } from '../source.js'
import type { CompiledRead } from './compile.js'
import { GapBuffer } from './gap-buffer.js'
import { Intake, type IntakeItem, type QueueLevel } from './intake.js'
import type { LocalOptions } from './options.js'
import { ReadProgress, type ProgressChange } from './progress.js'
import { silencesOf } from './silence.js'

/** How a run ends in order before its input does. */
export type Ending = 'stop' | 'drain'

/** Listing holds no records, so it needs no credit. */
const unlimited: Credit = { ready: () => Promise.resolve(), paused$: NEVER }

/** What is to be read, by read stage. */
export type Listing = ReadonlyMap<string, readonly Partition[]>

/** Where the partitions of one read have come to since the last checkpoint. */
export interface ReadMoves {
  readonly read: string
  readonly entries: readonly ProgressChange[]
}

/** @throws ConnectorError if two partitions have one name: offsets and origins could not tell them apart */
const checkNames = ({ name: source }: AnySource, partitions: readonly Partition[]): readonly Partition[] => {
  const names = new Set<string>()
  for (const { name } of partitions) {
    if (names.has(name)) throw new ConnectorError({ _tag: 'Partitions', code: 'Internal', message: `source '${source}' lists two partitions named '${name}'` })
    names.add(name)
  }
  return partitions
}

/** One read at work. */
interface OpenRead {
  readonly compiled: CompiledRead
  readonly source: AnySource
  readonly intake: Intake
  readonly progress: ReadProgress
}

/** Everything that a run reads: its sources, what waits between them and the stages, and how far each partition has come. */
export class Inputs {
  readonly #sources = new Map<string, AnySource>()
  readonly #open = new Map<string, OpenRead>()
  readonly intakes = new Map<string, Intake>()
  /** Records that this process has read. */
  records = 0
  readonly gaps: GapBuffer
  readonly #inOrder: OpenRead[] = []
  readonly #ending = new AbortController()
  #turn = 0

  constructor(
    pipeline: string,
    readonly reads: readonly CompiledRead[],
    readonly options: LocalOptions,
    readonly retry: RetryContext,
    readonly wake: () => void,
  ) {
    this.gaps = new GapBuffer(pipeline)
    // One listener per read: many, and none of them a leak.
    setMaxListeners(0, this.#ending.signal)
  }

  get bounded(): boolean {
    return this.reads.every(({ stage }) => stage.source.capabilities.bounded)
  }

  #context(runStartedAtMillis: number): Omit<SourceContext, 'credit' | 'listening'> {
    const { clock, random, signal } = this.retry
    return { clock, random, signal, runStartedAtMillis, logger: this.options.logger ?? silentLogger, ending: this.#ending.signal }
  }

  /** Before anything is opened: what there is to read. */
  async list(): Promise<Listing> {
    const listing = new Map<string, readonly Partition[]>()
    for (const { stage } of this.reads) {
      const source = this.options.instrument?.source(stage.source) ?? stage.source
      this.#sources.set(stage.name, source)
      const context = { ...this.#context(this.retry.clock.now()), credit: unlimited, listening: (): void => undefined }
      listing.set(stage.name, checkNames(source, await retrying(this.retry, `source '${source.name}' to list its partitions`, () => source.partitions(context))))
    }
    return listing
  }

  /** Nothing flows before `start`. */
  open(listing: Listing, runStartedAtMillis: number): void {
    const { maxQueuedRecords = 4_096, maxQueuedBytes = 8 * 1024 * 1024 } = this.options
    for (const compiled of this.reads) {
      const { name } = compiled.stage
      const source = this.#sources.get(name) ?? compiled.stage.source
      const partitions = listing.get(name) ?? []
      const intake = new Intake(source, { maxQueuedRecords, maxQueuedBytes }, this.#context(runStartedAtMillis), this.retry, this.wake)
      this.intakes.set(name, intake)
      const open = { compiled, source, intake, progress: new ReadProgress(compiled, partitions) }
      this.#open.set(name, open)
      this.#inOrder.push(open)
      for (const partition of partitions) for (const eventTime of compiled.eventTimes) eventTime.open(partition.name)
    }
  }

  restore(read: string, partition: string, saved: PartitionProgress): void {
    const open = this.#open.get(read)
    // One that the source does not list any more must not hold back the watermark for ever.
    if (open === undefined || !open.progress.restore(partition, saved)) return
    for (const [stage, watermark] of saved.watermarks) {
      open.compiled.eventTimes.find((eventTime) => eventTime.stage === stage)?.open(partition).restore(watermark)
    }
  }

  start(): void {
    for (const { compiled, intake, progress } of this.#open.values()) {
      const todo = progress.open()
      const still = new Set(todo.map(({ partition }) => partition.name))
      for (const { name } of progress.partitions) if (!still.has(name)) for (const eventTime of compiled.eventTimes) eventTime.end(name, true)
      intake.start(todo, compiled.stage.source.capabilities.bounded ? (this.options.concurrency ?? 4) : Number.POSITIVE_INFINITY)
    }
  }

  /** @throws what a source failed with, once everything before it was taken */
  take(): { readonly read: string; readonly item: IntakeItem } | undefined {
    const reads = this.#inOrder
    // In turn, so that a read that always has something does not starve the others.
    for (let i = 0; i < reads.length; i++) {
      const open = reads[(this.#turn + i) % reads.length] as OpenRead // as: below the length
      if (this.#comesAgain(open)) continue
      const { compiled, intake } = open
      const item = intake.take()
      if (item === undefined) continue
      this.#turn += i + 1
      return { read: compiled.stage.name, item }
    }
    return undefined
  }

  get done(): boolean {
    return [...this.intakes.values()].every(({ done }) => done)
  }

  /** The run ends in order: sources take their leave. */
  leave(ending: Ending): void {
    this.#ending.abort(ending)
    for (const intake of this.intakes.values()) intake.leave()
  }

  /** After `leave`: everything was taken that the run must still process. */
  get left(): boolean {
    return this.#inOrder.every((open) => (this.#comesAgain(open) ? open.intake.ended : open.intake.done))
  }

  /** At a stop, what can be read again is left where it is. */
  #comesAgain({ source }: OpenRead): boolean {
    return this.#ending.signal.reason === 'stop' && source.capabilities.replayable
  }

  /** @throws what a source failed with while it took its leave */
  throwIfFailed(): void {
    for (const intake of this.intakes.values()) intake.throwIfFailed()
  }

  /** Names the sources that are still at it. */
  get busy(): string {
    return this.#inOrder.flatMap(({ intake, source }) => (intake.ended ? [] : [`source '${source.name}'`])).join(', ')
  }

  /** Whether silence may move a watermark. */
  get canIdle(): boolean {
    return this.#inOrder.some(({ compiled, source }) => !source.capabilities.bounded && compiled.eventTimes.some(({ policy }) => policy.idleAfterMillis !== undefined))
  }

  /**
   * Moves the watermarks of partitions that have nothing to say.
   * @param fires - whether a window waits for this watermark
   */
  idle(fires: (watermarkMillis: number) => boolean): void {
    for (const { compiled, intake, progress, source } of this.#inOrder) {
      if (source.capabilities.bounded) continue
      for (const { name } of progress.partitions) {
        const millis = intake.silence.millis(name)
        if (millis <= 0) continue
        if (source.silent === undefined) for (const eventTime of compiled.eventTimes) eventTime.open(name).stillSilent(millis)
        else if (compiled.eventTimes.some((eventTime) => fires(eventTime.open(name).after(millis)))) source.silent(name, millis)
      }
      for (const eventTime of compiled.eventTimes) eventTime.advanceFromPartitions()
    }
  }

  /** Puts one step of a partition through the stages. Answers the digest of a partition that has ended. */
  process(read: string, item: IntakeItem): string | undefined {
    const { compiled, progress } = this.#open.get(read) as OpenRead // as: what was taken was opened
    const { operator, eventTimes } = compiled
    const { name } = item.partition
    if (item.kind === 'end') {
      // Whoever leaves has not heard the end.
      if (this.#ending.signal.reason === 'stop') return undefined
      for (const eventTime of eventTimes) eventTime.end(name, !this.#ending.signal.aborted)
      progress.end(item.partition)
    } else {
      const { batch } = item
      const silences = silencesOf(batch)
      for (const eventTime of eventTimes) eventTime.enter(name, batch.gap !== undefined, silences)
      if (batch.gap !== undefined) this.gaps.add(read, name, batch.gap)
      const before = operator.counts.read
      if (this.options.drop?.('intake', read) !== true) operator.read(name, batch)
      this.records += operator.counts.read - before
      for (const eventTime of eventTimes) eventTime.leave()
      if (batch.silentMillis !== undefined) for (const eventTime of eventTimes) eventTime.open(name).silence(batch.silentMillis)
      if (batch.floorMillis !== undefined) for (const eventTime of eventTimes) eventTime.open(name).raiseFloor(batch.floorMillis)
      progress.moveTo(name, batch.offset, batch.contentDigest, batch.consumedBytes)
    }
    for (const eventTime of eventTimes) eventTime.advanceFromPartitions()
    return item.kind === 'end' ? progress.digestOf(name) : undefined
  }

  /** Nothing more will be read: every window may fire. */
  endAll(): void {
    for (const { eventTimes } of this.reads) for (const eventTime of eventTimes) eventTime.endAll()
  }

  takeMoves(all: boolean): ReadMoves[] {
    return [...this.#open].map(([read, { progress }]) => ({ read, entries: progress.takeChanges(all) }))
  }

  /** The moves as they go into a checkpoint. */
  changesOf(moves: readonly ReadMoves[]): StateChanges['partitions'] {
    return moves.flatMap(({ read, entries }) => {
      const { compiled, source } = this.#open.get(read) as OpenRead // as: what has moved was opened
      const { bounded } = source.capabilities
      return entries.map(({ partition, offset, ended, digest }) => {
        const watermarks = ended && bounded ? [] : compiled.eventTimes.map((eventTime) => [eventTime.stage, eventTime.open(partition).save()] as const)
        return { read, partition, progress: { offset, ended, digest, watermarks } }
      })
    })
  }

  /** Tells the outside that everything up to here is safe. */
  async settle(moves: readonly ReadMoves[]): Promise<void> {
    for (const { read, entries } of moves) {
      const source = this.#open.get(read)?.source
      if (source?.settle === undefined) continue
      for (const { partition, raw } of entries) if (raw !== undefined) await retrying(this.retry, `source '${source.name}' to settle`, async () => source.settle?.(partition, raw))
    }
  }

  /** Packed bytes, as they lie outside; the total is undefined where a source does not know. */
  get bytes(): { readonly done: number; readonly total: number | undefined } {
    let done = 0
    let total: number | undefined = 0
    for (const { progress } of this.#open.values()) {
      done += progress.consumedBytes
      total = total === undefined || progress.totalBytes === undefined ? undefined : total + progress.totalBytes
    }
    return { done, total }
  }

  /** Least of all reads. */
  get watermarkMillis(): number {
    return Math.min(...this.reads.flatMap(({ eventTimes }) => eventTimes.map(({ watermarkMillis }) => watermarkMillis)))
  }

  get listening(): boolean {
    return [...this.intakes.values()].some(({ silence }) => silence.isListening)
  }

  get waiting(): QueueLevel {
    let [records, bytes] = [0, 0]
    for (const { waiting } of this.intakes.values()) {
      records += waiting.records
      bytes += waiting.bytes
    }
    return { records, bytes }
  }

  close(): void {
    for (const intake of this.intakes.values()) intake.close()
  }
}

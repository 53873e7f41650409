import { setMaxListeners } from 'node:events'
import { BehaviorSubject, NEVER, type Observable } from 'rxjs'
import { checkpointWrite, commitAll, commitCheckpoint, prepareAll, writeRows, type EpochContext } from './epoch.js'
import { compile, type Compiled } from './compile.js'
import { readLedger, restoreCounters, saveCounters, type EdgeCounts } from './counters.js'
import { DeadLetterBuffer } from './dead-letter-buffer.js'
import { Intake, type IntakeItem } from './intake.js'
import type { JobStatus, RunSummary } from './job.js'
import { openPorts, type Ports } from './ports.js'
import { ReadProgress, type ProgressChange } from './progress.js'
import { RunHistory } from './run-history.js'
import type { LocalOptions } from './options.js'
import { StateLog } from './state-log.js'
import { restoreCheckpoint, type CheckpointHeader, type RestoredState, type StateChanges } from '../delivery/checkpoint-form.js'
import { ledgerSince, type Ledger } from '../delivery/ledger.js'
import { defaultRetry, retrying, type RetryContext } from '../delivery/retry.js'
import { ConnectorError, RefusedError } from '../failure.js'
import { describePlan, type Plan } from '../pipeline/define.js'
import type { AnySource } from '../pipeline/stage.js'
import { graphDifference } from '../pipeline/hash.js'
import type { Credit, Partition, SourceContext } from '../source.js'
import type { Clock } from '../time/clock.js'
import { systemClock, systemRandom, yieldToEventLoop } from '../time/system.js'

/** Panes fired between two epochs: what waits for a commit is held in memory. */
const panesAnEpoch = 8_192
const rowsAnEpoch = 8_192
const batchesATurn = 64
const statusMillis = 100

/** Listing holds no records, so it needs no credit. */
const unlimited: Credit = { ready: () => Promise.resolve(), paused$: NEVER }

type Restored = ReturnType<typeof restoreCheckpoint>
type Ending = 'stop' | 'drain' | undefined

/** One run of one pipeline in this process, from opening to closing. */
export class LocalRun {
  readonly #abort = new AbortController()
  readonly #clock: Clock
  readonly #retry: RetryContext
  readonly #deadLetters: DeadLetterBuffer
  readonly #compiled: Compiled
  readonly #edges: EdgeCounts = { deadLettersWritten: 0 }
  readonly #sources = new Map<string, AnySource>()
  readonly #intakes = new Map<string, Intake>()
  readonly #progress = new Map<string, ReadProgress>()
  readonly #status: BehaviorSubject<JobStatus>
  readonly #log = new StateLog()
  readonly #history: RunHistory
  #ports: Ports | undefined
  #epoch = 0
  #committed: Ledger
  #atStart: Ledger
  #lastEpochMillis = 0
  #lastStatusMillis = 0
  #dirty = false
  #panesFired = false
  #ending: Ending
  #recordsRead = 0
  #wake: () => void = () => undefined
  #awake = false

  constructor(
    readonly plan: Plan,
    readonly options: LocalOptions,
  ) {
    this.#clock = options.instrument?.clock(options.clock ?? systemClock) ?? options.clock ?? systemClock
    // One listener per read and per promise under way: many, and none of them a leak.
    setMaxListeners(0, this.#abort.signal)
    const random = options.random ?? systemRandom
    this.#retry = { policy: { ...defaultRetry, ...options.retry }, clock: this.#clock, random, signal: this.#abort.signal }
    const connectors = new Map(plan.graph.stages.flatMap((stage) => (stage.kind === 'read' ? [[stage.name, stage.source.name] as const] : [])))
    this.#deadLetters = new DeadLetterBuffer({ pipeline: plan.name, version: plan.version, connectors }, this.#clock)
    this.#compiled = compile(plan, { deadLetters: this.#deadLetters, drop: options.drop, clock: this.#clock, signal: this.#abort.signal })
    this.#history = new RunHistory(plan.name, options.replace ?? false)
    this.#committed = this.ledger
    this.#atStart = this.ledger
    this.#status = new BehaviorSubject(this.#statusNow('starting'))
  }

  get status$(): Observable<JobStatus> {
    return this.#status.asObservable()
  }

  get ledger(): Ledger {
    return readLedger(this.#compiled, this.#intakes, this.#edges, this.#deadLetters.size)
  }

  end(ending: 'stop' | 'drain'): void {
    this.#ending ??= ending
    this.#notify()
  }

  cancel(): void {
    this.#abort.abort(new ConnectorError({ _tag: 'Cancelled', code: 'Cancelled', message: `pipeline '${this.plan.name}' was cancelled` }))
    this.#notify()
  }

  async run(): Promise<RunSummary> {
    try {
      const summary = await this.#runOpen()
      this.#report('done')
      return summary
    } finally {
      for (const intake of this.#intakes.values()) intake.close()
      this.#abort.abort()
      await this.#ports?.close().catch(() => undefined)
      this.#status.complete()
    }
  }

  async #runOpen(): Promise<RunSummary> {
    const { plan, options } = this
    const context = { clock: this.#clock, random: this.#retry.random, signal: this.#abort.signal, warn: options.warn ?? ((): void => undefined), pipeline: plan.name, version: plan.version }
    const checkpoints = options.checkpoints === undefined ? undefined : (options.instrument?.checkpoints(options.checkpoints) ?? options.checkpoints)
    const partitions = await this.#list(context)
    this.#ports = await openPorts({ plan, checkpoints, instrument: options.instrument, context, retry: this.#retry })
    const { host, checkpoints: store } = this.#ports
    const stored = await retrying(this.#retry, async () => host?.readCheckpoint(plan.name) ?? store?.read(plan.name))
    const restored = stored === undefined ? undefined : restoreCheckpoint(plan.name, stored)
    if (restored !== undefined) await this.#recover(restored.header, restored.state)
    return this.#begin(partitions, restored) ?? this.#loop()
  }

  /** What the last checkpoint had prepared becomes visible before anything else happens. */
  async #recover(header: CheckpointHeader, state: RestoredState): Promise<void> {
    this.#epoch = header.epoch
    this.#history.restore([...state.runs.values()])
    await commitAll(this.#portsOpen, header.epoch, header.tokens)
  }

  get #portsOpen(): Ports {
    return this.#ports as Ports // as: opened before anything else is done
  }

  /** Before anything is opened: what there is to read, by read. */
  async #list(context: Omit<SourceContext, 'credit' | 'runStartedAtMillis'>): Promise<Map<string, readonly Partition[]>> {
    const partitions = new Map<string, readonly Partition[]>()
    for (const { stage } of this.#compiled.reads) {
      const source = this.options.instrument?.source(stage.source) ?? stage.source
      this.#sources.set(stage.name, source)
      partitions.set(stage.name, await retrying(this.#retry, () => source.partitions({ ...context, credit: unlimited, runStartedAtMillis: this.#clock.now() })))
    }
    return partitions
  }

  /** Decides what is to be done with the input; answers the summary if nothing is. */
  #begin(partitions: ReadonlyMap<string, readonly Partition[]>, restored: Restored | undefined): RunSummary | undefined {
    const bounded = this.#compiled.reads.every(({ stage }) => stage.source.capabilities.bounded)
    const verdict = bounded ? this.#history.judge([...partitions.values()].flat(), this.#clock.now()) : undefined
    if (verdict === 'done') return this.#alreadyDone()
    for (const { stage } of this.#compiled.reads) this.#open(stage.name, partitions.get(stage.name) ?? [])
    if (restored !== undefined && verdict !== 'fresh') this.#restore(restored.header, restored.state)
    this.#committed = this.#atStart = this.ledger
    for (const { stage } of this.#compiled.reads) this.#start(stage.name, stage.source.capabilities.bounded)
    return undefined
  }

  #open(read: string, partitions: readonly Partition[]): void {
    const compiled = this.#compiled.reads.find(({ stage }) => stage.name === read)
    if (compiled === undefined) return
    const { maxQueuedRecords = 16_384, maxQueuedBytes = 8 * 1024 * 1024, warn = (): void => undefined } = this.options
    const { random, signal } = this.#retry
    const context = { clock: this.#clock, random, signal, warn, runStartedAtMillis: this.#history.current?.startedAtMillis ?? this.#clock.now() }
    const source = this.#sources.get(read) ?? compiled.stage.source
    this.#intakes.set(read, new Intake(source, { maxQueuedRecords, maxQueuedBytes }, context, this.#retry, () => this.#notify()))
    this.#progress.set(read, new ReadProgress(compiled, partitions))
    for (const { name } of partitions) for (const eventTime of compiled.eventTimes) eventTime.open(name)
  }

  #start(read: string, bounded: boolean): void {
    const progress = this.#progress.get(read)
    if (progress === undefined) return
    const open = progress.open()
    const stillOpen = new Set(open.map(({ partition }) => partition.name))
    for (const { name } of progress.partitions) if (!stillOpen.has(name)) for (const eventTime of progress.read.eventTimes) eventTime.end(name)
    this.#intakes.get(read)?.start(open, bounded ? (this.options.concurrency ?? 4) : Number.POSITIVE_INFINITY)
  }

  #restore(header: CheckpointHeader, state: RestoredState): void {
    const graph = describePlan(this.plan)
    const difference = graphDifference(header.graph, graph)
    if (difference !== '') {
      throw new RefusedError(
        `the checkpoint of pipeline '${this.plan.name}' was made by another graph (${difference}), so its open windows and offsets do not fit. Finish that run with the pipeline as it was, or ask for replace (--replace) to begin again.`,
        'GraphChanged',
      )
    }
    for (const aggregate of this.#compiled.aggregates) for (const changes of state.windows.get(aggregate.stage) ?? []) aggregate.restore(changes)
    for (const [read, saved] of state.partitions) {
      for (const [partition, progress] of saved) {
        this.#progress.get(read)?.restore(partition, progress)
        if (progress.ended) this.#history.copyOf(partition, progress.digest)
        for (const [stage, watermark] of progress.watermarks) this.#eventTimes(read).find((e) => e.stage === stage)?.open(partition).restore(watermark)
      }
    }
    restoreCounters(this.#compiled, this.#intakes, this.#edges, header.counters)
  }

  #eventTimes(read: string): readonly Compiled['reads'][number]['eventTimes'][number][] {
    return this.#progress.get(read)?.read.eventTimes ?? []
  }

  #alreadyDone(): RunSummary {
    const total = this.#history.current?.ledger ?? this.ledger
    return this.#summary('alreadyDone', total, ledgerSince(total, total))
  }

  #summary(outcome: RunSummary['run']['outcome'], total: Ledger, thisRun: Ledger): RunSummary {
    const { id, droppedOut = [] } = this.#history.current ?? { id: undefined }
    return { total, thisRun, run: { id, outcome, resumed: this.#history.resumed, droppedOut } }
  }

  async #loop(): Promise<RunSummary> {
    this.#lastEpochMillis = this.#clock.now()
    let turns = 0
    while (this.#ending === undefined) {
      this.#abort.signal.throwIfAborted()
      const item = this.#takeNext()
      if (item !== undefined) {
        const refused = this.#process(item.read, item.item)
        if (refused !== undefined) await this.#refuse(refused)
        await this.#fireReady(false)
        if (this.#epochDue()) await this.#commitEpoch(false)
        if (++turns % batchesATurn === 0) await yieldToEventLoop()
        this.#report('reading')
        continue
      }
      if ([...this.#intakes.values()].every(({ done }) => done)) return this.#finish()
      await this.#sleepUntilWork()
    }
    for (const intake of this.#intakes.values()) intake.close()
    if (this.#ending === 'stop') return this.#stop()
    for (let item = this.#takeNext(); item !== undefined; item = this.#takeNext()) this.#process(item.read, item.item)
    return this.#finish()
  }

  #takeNext(): { readonly read: string; readonly item: IntakeItem } | undefined {
    for (const [read, intake] of this.#intakes) {
      const item = intake.take()
      if (item !== undefined) return { read, item }
    }
    return undefined
  }

  /** Answers an error if the input turned out to be a copy of what is counted already. */
  #process(name: string, item: IntakeItem): RefusedError | undefined {
    const progress = this.#progress.get(name) as ReadProgress // as: every read was opened
    const { operator, eventTimes } = progress.read
    const partition = item.partition.name
    let refused: RefusedError | undefined
    this.#dirty = true
    if (item.kind === 'end') {
      for (const eventTime of eventTimes) eventTime.end(partition)
      progress.end(item.partition)
      refused = this.#history.copyOf(partition, progress.digestOf(partition))
    } else {
      const { batch } = item
      for (const eventTime of eventTimes) eventTime.enter(partition)
      const before = operator.counts.read
      operator.read(partition, batch)
      this.#recordsRead += operator.counts.read - before
      if (batch.floorMillis !== undefined) for (const eventTime of eventTimes) eventTime.open(partition).raiseFloor(batch.floorMillis)
      progress.moveTo(partition, batch.offset, batch.contentDigest, batch.consumedBytes)
    }
    for (const eventTime of eventTimes) eventTime.advanceFromPartitions()
    return refused
  }

  /** Fires what the watermark has passed, in slices with an epoch between them. */
  async #fireReady(last: boolean): Promise<void> {
    if (this.#compiled.asyncs.length > 0) for (const async of this.#compiled.asyncs) if (async.pending() > 4 * async.options.concurrency) await async.idle()
    for (;;) {
      const ready = this.#compiled.aggregates.find((aggregate) => aggregate.ready)
      if (ready === undefined) return
      ready.fire(panesAnEpoch)
      this.#panesFired = true
      if (last) this.#report('firing')
      if (this.#rowsWaiting() >= rowsAnEpoch) await this.#commitEpoch(false)
    }
  }

  #rowsWaiting(): number {
    return this.#compiled.writes.reduce((sum, { operator }) => sum + operator.waiting, 0)
  }

  #epochDue(): boolean {
    if (!this.#dirty) return false
    if (this.#deadLetters.full || this.#rowsWaiting() >= rowsAnEpoch) return true
    const waited = this.#clock.now() - this.#lastEpochMillis
    const { epochMillis = 1_000, paneEpochMillis = 100 } = this.options
    return waited >= (this.#panesFired ? Math.min(paneEpochMillis, epochMillis) : epochMillis)
  }

  /** Waits for a batch, an ending, or the time of the next epoch, whichever is first. */
  async #sleepUntilWork(): Promise<void> {
    // What a source has ready comes within a turn of the event loop, and costs no timer.
    if (!this.#awake) await yieldToEventLoop()
    if (this.#awake) {
      this.#awake = false
      return
    }
    const timer = new AbortController()
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    const { epochMillis = 1_000, paneEpochMillis = 100 } = this.options
    const limit = this.#panesFired ? Math.min(paneEpochMillis, epochMillis) : epochMillis
    const due = this.#dirty ? this.#clock.sleep(Math.max(0, this.#lastEpochMillis + limit - this.#clock.now()), timer.signal).then(() => true, () => false) : woken.then(() => false)
    const timeUp = await Promise.race([woken.then(() => false), due])
    timer.abort()
    this.#awake = false
    this.#wake = (): void => undefined
    if (timeUp && this.#dirty) await this.#commitEpoch(false)
  }

  #notify(): void {
    this.#awake = true
    this.#wake()
  }

  async #quiesce(): Promise<void> {
    for (const async of this.#compiled.asyncs) await async.idle()
  }

  /** All windows fire, then the last epoch: the run is finished for good. */
  async #finish(): Promise<RunSummary> {
    await this.#quiesce()
    for (const { eventTimes } of this.#compiled.reads) {
      for (const eventTime of eventTimes) eventTime.endAll()
    }
    do {
      await this.#fireReady(true)
      await this.#quiesce()
    } while (this.#compiled.aggregates.some(({ ready }) => ready))
    await this.#commitEpoch(true)
    return this.#summary('finished', this.#committed, ledgerSince(this.#committed, this.#atStart))
  }

  async #stop(): Promise<RunSummary> {
    await this.#commitEpoch(false)
    return this.#summary('stopped', this.#committed, ledgerSince(this.#committed, this.#atStart))
  }

  async #commitEpoch(last: boolean): Promise<void> {
    await this.#quiesce()
    this.#abort.signal.throwIfAborted()
    const context: EpochContext = { pipeline: this.plan.name, version: this.plan.version, compiled: this.#compiled, ports: this.#portsOpen, deadLetters: this.#deadLetters, edges: this.#edges, retry: this.#retry }
    const rows = await writeRows(context)
    this.#epoch++
    const tokens = await prepareAll(this.#portsOpen, this.#epoch)
    const ledger = this.ledger
    if (last) this.#history.finish(ledger)
    const header: CheckpointHeader = { format: 1, graph: describePlan(this.plan), epoch: this.#epoch, run: this.#history.current?.id ?? null, counters: saveCounters(this.#compiled, this.#intakes, this.#edges), tokens, ledger }
    const all = last || this.#log.wantsReset
    const { changes, moved } = this.#takeChanges(all, last)
    const result = await commitCheckpoint(context, rows, header, () => this.#log.write(header, all, changes), this.#history.claim(last))
    if (result._tag === 'Conflict') await this.#refuse(this.#history.conflict(result.owner, result.example))
    else this.#history.replaced(result.replaced)
    await commitAll(this.#portsOpen, this.#epoch, tokens)
    await this.#settle(moved)
    this.#committed = ledger
    this.#dirty = false
    this.#panesFired = false
    this.#lastEpochMillis = this.#clock.now()
  }

  /** A finished run leaves nothing but its record. */
  #takeChanges(all: boolean, last: boolean): { readonly changes: StateChanges; readonly moved: readonly (readonly [string, readonly ProgressChange[]])[] } {
    const windows = this.#compiled.aggregates.map((aggregate) => ({ stage: aggregate.stage, ...aggregate.takeChanges(all) }))
    const moved = [...this.#progress].map(([read, progress]) => [read, progress.takeChanges(all)] as const)
    const partitions = moved.flatMap(([read, entries]) =>
      entries.map(({ partition, offset, ended, digest }) => {
        const watermarks = ended ? [] : this.#eventTimes(read).map((eventTime) => [eventTime.stage, eventTime.open(partition).save()] as const)
        return { read, partition, progress: { offset, ended, digest, watermarks } }
      }),
    )
    const digests = new Map(partitions.map(({ partition, progress }) => [partition, progress.digest]))
    if (last) this.#history.rememberDigests(digests)
    const bounded = this.#history.current !== undefined
    return { changes: { windows: last ? [] : windows, partitions: last && bounded ? [] : partitions, ...this.#history.takeChanges(all) }, moved }
  }

  async #settle(moved: readonly (readonly [string, readonly ProgressChange[]])[]): Promise<void> {
    for (const [read, entries] of moved) {
      const source = this.#intakes.get(read)?.source
      if (source?.settle === undefined) continue
      for (const { partition, raw } of entries) if (raw !== undefined) await retrying(this.#retry, async () => source.settle?.(partition, raw))
    }
  }

  /** A refused run leaves nothing behind. */
  async #refuse(error: RefusedError): Promise<never> {
    const run = this.#history.current
    const { host } = this.#portsOpen
    this.#history.forget()
    if (host !== undefined && run !== undefined) {
      const header: CheckpointHeader = { format: 1, graph: describePlan(this.plan), epoch: ++this.#epoch, run: null, counters: {}, tokens: {}, ledger: this.#atStart }
      await host.rollbackRun(this.plan.name, run.id, checkpointWrite(header, true, { windows: [], partitions: [], ...this.#history.takeChanges(true) }))
    }
    throw error
  }

  #report(phase: JobStatus['phase']): void {
    const now = this.#clock.now()
    if (phase !== 'done' && now - this.#lastStatusMillis < statusMillis) return
    this.#lastStatusMillis = now
    this.#status.next(this.#statusNow(phase))
  }

  #statusNow(phase: JobStatus['phase']): JobStatus {
    const reads = [...this.#progress.values()]
    const totals = reads.map(({ totalBytes }) => totalBytes)
    const total = totals.reduce<number | undefined>((sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes), 0)
    return {
      phase,
      records: this.#recordsRead,
      bytes: { done: reads.reduce((sum, { consumedBytes }) => sum + consumedBytes, 0), total },
      watermarkMillis: Math.min(...this.#compiled.reads.flatMap(({ eventTimes }) => eventTimes.map(({ watermarkMillis }) => watermarkMillis))),
      openWindows: this.#compiled.aggregates.reduce((sum, { openWindows }) => sum + openWindows, 0),
      ledger: this.ledger,
    }
  }
}

import { BehaviorSubject, type Observable } from 'rxjs'
import { ledgerSince, type Ledger } from '../delivery/ledger.js'
import { defaultRetry, type RetryContext } from '../delivery/retry.js'
import { ConnectorError, RefusedError } from '../failure.js'
import { silentLogger } from '../logger.js'
import type { Plan } from '../pipeline/define.js'
import { systemClock, systemRandom, yieldToEventLoop } from '../time/system.js'
import { Cancellation, overdue } from './cancellation.js'
import { Committer } from './committer.js'
import { compile, type Compiled } from './compile.js'
import { noLedger } from './counters.js'
import { DeadLetterBuffer } from './dead-letter-buffer.js'
import { failureOf } from './failure-of.js'
import { Inputs, type Ending } from './inputs.js'
import type { IntakeItem } from './intake.js'
import type { JobStatus, RunSummary } from './job.js'
import type { LocalOptions } from './options.js'
import { Pace } from './pace.js'
import { checkSinks, openPorts, type Ports } from './ports.js'
import { RunHistory } from './run-history.js'

/** Panes fired at once, and rows, between two epochs: what waits for a commit is held in memory, a pane several times over. */
const panesAnEpoch = 4_096
const rowsAnEpoch = 8_192
const batchesATurn = 64
const statusMillis = 100
/** How often silence is looked at: a window closes so much later than it might, at most. */
const idleTickMillis = 250

/** One run of one pipeline in this process, from opening to closing. */
export class LocalRun {
  readonly #cancellation = new Cancellation(() => this.#pace.wake())
  readonly #retry: RetryContext
  readonly #deadLetters: DeadLetterBuffer
  readonly #compiled: Compiled
  readonly #inputs: Inputs
  readonly #history: RunHistory
  readonly #pace: Pace
  readonly #status: BehaviorSubject<JobStatus>
  #ports: Ports | undefined
  #committer: Committer | undefined
  #ending: Ending | undefined
  #idleMillis = 0
  #statusMillis = 0

  constructor(
    readonly plan: Plan,
    readonly options: LocalOptions,
  ) {
    const clock = options.instrument?.clock(options.clock ?? systemClock) ?? options.clock ?? systemClock
    const { signal } = this.#cancellation
    this.#retry = { policy: { ...defaultRetry, ...options.retry }, clock, random: options.random ?? systemRandom, signal, doing: new Set() }
    const connectors = new Map(plan.graph.stages.flatMap((stage) => (stage.kind === 'read' ? [[stage.name, stage.source.name] as const] : [])))
    this.#deadLetters = new DeadLetterBuffer({ pipeline: plan.name, version: plan.version, connectors }, clock)
    checkSinks(plan)
    this.#compiled = compile(plan, { deadLetters: this.#deadLetters, drop: options.drop, clock, signal })
    this.#history = new RunHistory(plan.name, options.replace ?? false)
    this.#pace = new Pace(clock, options)
    this.#inputs = new Inputs(plan.name, this.#compiled.reads, options, this.#retry, () => this.#pace.wake())
    this.#status = new BehaviorSubject(this.#statusNow('starting'))
  }

  get status$(): Observable<JobStatus> {
    return this.#status.asObservable()
  }

  get ledger(): Ledger {
    return this.#committer?.ledger ?? noLedger
  }

  /** @param deadlineMillis - how long it may take; then the run is cancelled */
  end(ending: Ending, deadlineMillis: number | undefined): void {
    if (deadlineMillis !== undefined) void this.#expire(ending, deadlineMillis)
    // The end of bounded input drains it. To fire half its windows would be to finish the run without the rest.
    if (ending === 'drain' && this.#inputs.bounded) return
    this.#ending ??= ending
    this.#pace.wake()
  }

  async #expire(ending: Ending, millis: number): Promise<void> {
    await this.#retry.clock.sleep(millis, this.#cancellation.signal).catch(() => undefined)
    this.#cancellation.cancel(overdue(this.plan.name, ending, millis, [...this.#retry.doing, this.#inputs.busy]))
  }

  cancel(): void {
    this.#cancellation.cancel(new ConnectorError({ _tag: 'Cancelled', code: 'Cancelled', message: `pipeline '${this.plan.name}' was cancelled` }))
  }

  async run(): Promise<RunSummary> {
    try {
      const summary = await this.#cancellation.orGiveUp(this.#open())
      this.#report('done')
      return summary
    } finally {
      this.#inputs.close()
      this.#cancellation.over()
      await this.#cancellation.orLeave(this.#close(), this.#retry.clock)
      this.#status.complete()
    }
  }

  async #close(): Promise<void> {
    const ended = `pipeline '${this.plan.name}' has ended, and closing what it wrote to failed`
    await this.#ports?.close().catch((error: unknown) => this.options.logger?.warn(`${ended}: ${failureOf(error).message}`))
  }

  /** Lists the input, opens everything, finds the last checkpoint, and decides what is to be done. */
  async #open(): Promise<RunSummary> {
    const { plan, options } = this
    const { clock, random, signal } = this.#retry
    const listing = await this.#inputs.list()
    const context = { clock, random, signal, logger: options.logger ?? silentLogger, pipeline: plan.name, version: plan.version }
    const checkpoints = options.checkpoints && (options.instrument?.checkpoints(options.checkpoints) ?? options.checkpoints)
    this.#ports = await this.#openPorts({ plan, checkpoints, instrument: options.instrument, context, retry: this.#retry })
    const run = { plan, compiled: this.#compiled, inputs: this.#inputs, deadLetters: this.#deadLetters, history: this.#history, retry: this.#retry, drop: options.drop }
    const committer = (this.#committer = new Committer(run, this.#ports))
    await committer.recover()
    if (!this.#inputs.bounded) committer.refuseDrained()
    const verdict = this.#inputs.bounded ? this.#history.judge([...listing.values()].flat(), clock.now(), committer.graph, committer.fits) : 'resume'
    if (verdict === 'done') return this.#alreadyDone()
    if (verdict === 'fresh' && this.#ports.host === undefined && this.#history.current?.replaces.length) throw cannotReplace(plan.name)
    this.#inputs.open(listing, this.#history.current?.startedAtMillis ?? clock.now())
    committer.begin(verdict === 'resume')
    this.#inputs.start()
    return this.#loop(committer)
  }

  /** What opens only after the run was cancelled is closed again: nobody else would. */
  async #openPorts(open: Parameters<typeof openPorts>[0]): Promise<Ports> {
    const ports = await openPorts(open)
    if (!this.#cancellation.signal.aborted) return ports
    await ports.close()
    throw this.#cancellation.signal.reason
  }

  #alreadyDone(): RunSummary {
    const total = this.#history.current?.ledger ?? noLedger
    return this.#summary('alreadyDone', total, ledgerSince(total, total))
  }

  #summary(outcome: RunSummary['run']['outcome'], total: Ledger, thisRun: Ledger): RunSummary {
    const { id, droppedOut = [] } = this.#history.current ?? { id: undefined }
    return { total, thisRun, run: { id, outcome, resumed: this.#history.resumed, droppedOut } }
  }

  async #loop(committer: Committer): Promise<RunSummary> {
    for (let turn = 1; this.#ending === undefined; turn++) {
      this.#cancellation.signal.throwIfAborted()
      const taken = this.#inputs.take()
      if (taken !== undefined) await this.#step(committer, taken.read, taken.item)
      else if (this.#inputs.done) return this.#finish(committer)
      else await this.#pace.rest(this.#idleTickMillis)
      await this.#idle(committer)
      await this.#commitIfDue(committer)
      if (turn % batchesATurn === 0) await yieldToEventLoop()
      this.#report('reading')
    }
    await this.#leave(committer, this.#ending)
    return this.#ending === 'stop' ? this.#stop(committer) : this.#finish(committer)
  }

  async #commitIfDue(committer: Committer): Promise<void> {
    if (!this.#mustCommit()) return
    await this.#commit(committer, false)
    // What mapAsync had to end for the epoch may have moved a watermark, and no record need come after it.
    await this.#fireReady(committer)
  }

  /** What the sources have received by now and could not give again is processed. */
  async #leave(committer: Committer, ending: Ending): Promise<void> {
    this.#inputs.leave(ending)
    for (;;) {
      this.#cancellation.signal.throwIfAborted()
      const taken = this.#inputs.take()
      if (taken !== undefined) await this.#step(committer, taken.read, taken.item)
      else if (this.#inputs.left) return this.#inputs.close()
      else await this.#pace.rest(undefined)
      await this.#commitIfDue(committer)
      this.#report('reading')
    }
  }

  /** How long to rest at most, lest silence go by unseen; windows are what waits for it. */
  get #idleTickMillis(): number | undefined {
    return this.#openWindows > 0 && this.#inputs.canIdle ? idleTickMillis : undefined
  }

  async #idle(committer: Committer): Promise<void> {
    const now = this.#retry.clock.now()
    if (now - this.#idleMillis < idleTickMillis && now >= this.#idleMillis) return
    this.#idleMillis = now
    this.#inputs.idle((watermarkMillis) => this.#compiled.aggregates.some((aggregate) => aggregate.firesAt(watermarkMillis)))
    await this.#fireReady(committer)
  }

  async #step(committer: Committer, read: string, item: IntakeItem): Promise<void> {
    this.#pace.touch()
    const digest = this.#inputs.process(read, item)
    const copied = this.#history.copyOf(item.partition.name, digest)
    if (copied !== undefined) await committer.refuse(copied)
    await this.#catchUp()
    await this.#fireReady(committer)
  }

  /** Promises under way hold their elements in memory: they are waited for where they are many. */
  async #catchUp(): Promise<void> {
    for (const stage of this.#compiled.asyncs) if (stage.pending() > 4 * stage.options.concurrency) await stage.idle()
  }

  /** Fires what the watermark has passed, in slices with an epoch between them. */
  async #fireReady(committer: Committer): Promise<void> {
    for (;;) {
      const ready = this.#compiled.aggregates.find((aggregate) => aggregate.ready)
      if (ready === undefined) return
      ready.fire(panesAnEpoch)
      this.#pace.touch()
      this.#pace.fired()
      this.#report('firing')
      await this.#catchUp()
      if (this.#waiting(panesAnEpoch)) await this.#commit(committer, false)
      // At the end of the input very many fire: those that have not by then fire in the next run.
      if (this.#ending === 'stop' && this.#inputs.done) return
    }
  }

  get #rowsWaiting(): number {
    return this.#compiled.writes.reduce((sum, { operator }) => sum + operator.waiting, 0)
  }

  /** Whether so much is held in memory that it is time for an epoch. */
  #waiting(rows: number): boolean {
    return this.#deadLetters.full || this.#rowsWaiting >= rows
  }

  #mustCommit(): boolean {
    return this.#pace.due || this.#waiting(rowsAnEpoch)
  }

  async #quiesce(): Promise<void> {
    for (const stage of this.#compiled.asyncs) await stage.idle()
  }

  /** All windows fire, then the last epoch: the run is finished for good. */
  async #finish(committer: Committer): Promise<RunSummary> {
    await this.#quiesce()
    this.#inputs.endAll()
    do {
      await this.#fireReady(committer)
      await this.#quiesce()
    } while (this.#ending !== 'stop' && this.#compiled.aggregates.some(({ ready }) => ready))
    if (this.#compiled.aggregates.some(({ ready }) => ready)) return this.#stop(committer)
    // Which runs it has replaced must be known when its record is written for the last time.
    if (this.#history.replacing) await this.#commit(committer, false)
    await this.#commit(committer, true)
    return this.#summary('finished', committer.committed, ledgerSince(committer.committed, committer.atStart))
  }

  async #stop(committer: Committer): Promise<RunSummary> {
    await this.#commit(committer, false)
    this.#inputs.throwIfFailed()
    return this.#summary('stopped', committer.committed, ledgerSince(committer.committed, committer.atStart))
  }

  async #commit(committer: Committer, last: boolean): Promise<void> {
    await this.#quiesce()
    this.#cancellation.signal.throwIfAborted()
    await committer.commit(last)
    this.#pace.epochMade()
  }

  #report(phase: JobStatus['phase']): void {
    const now = this.#retry.clock.now()
    if (phase !== 'done' && now - this.#statusMillis < statusMillis) return
    this.#statusMillis = now
    this.#status.next(this.#statusNow(phase))
  }

  #statusNow(phase: JobStatus['phase']): JobStatus {
    const { records, bytes, watermarkMillis, waiting, listening, gaps } = this.#inputs
    return { phase, records, bytes, watermarkMillis, openWindows: this.#openWindows, queued: waiting, listening, gaps: gaps.count, ledger: this.ledger }
  }

  get #openWindows(): number {
    return this.#compiled.aggregates.reduce((sum, aggregate) => sum + aggregate.openWindows, 0)
  }
}

const cannotReplace = (pipeline: string): RefusedError =>
  new RefusedError(
    `pipeline '${pipeline}' cannot replace earlier runs: none of its sinks belongs to a store that could delete what they wrote. Write to a store (DuckDB, say), or empty the sinks and their checkpoints yourself and run without replace.`,
    'CannotReplace',
  )

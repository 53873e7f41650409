import { ConnectorError, journaled, RefusedError, runLocal, type Job, type JournalOffset, type RunSummary, type Source } from '@millrace/core'
import { seededRandom } from '@millrace/core/testing'
import type { MarketFrame } from '@millrace/connector-finnhub/testing'
import { tap } from 'rxjs'
import { jumpingClock, turns, type JumpingClock } from './jumping-clock.js'
import { line, type Line } from './line.js'
import type { DayPlan, Step } from './plan.js'
import { troubled } from './trouble.js'
import { streamInto, type World } from './world.js'

/** Longer means that it hangs. */
const PATIENCE_MILLIS = 30_000
/** Enough for an idle tick and what follows from it. */
const TURNS = 6
const MOST_TURNS = 100
/** While something is waited for. */
const TICK_MILLIS = 100

/** What was seen of the day while it ran. */
export interface DayReport {
  /** Undefined if the last run died between its last checkpoint and its last word. */
  readonly last: RunSummary | undefined
  readonly lives: number
}

type Frames = Source<Uint8Array, JournalOffset, 'local'>

/** The same source, and somebody who hears how far it has come. */
const counted = (source: Frames, hear: (upTo: number) => void): Frames => ({
  ...source,
  read: (...asked) => source.read(...asked).pipe(tap(({ offset }) => hear(offset.number))),
})

/** The process that runs the lane, started again whenever it has ended. */
class Process {
  readonly #line: Line
  readonly #clock: JumpingClock
  #job: Job | undefined
  #failure: unknown
  /** Number of the last record of the journal that a run was given. */
  #given = 0
  lives = 0

  constructor(
    readonly plan: DayPlan,
    readonly world: World,
    readonly directory: string,
    clock: JumpingClock,
  ) {
    this.#clock = clock
    this.#line = line(clock)
  }

  get line(): Line {
    return this.#line
  }

  /** A run that reads. */
  async running(): Promise<Job> {
    const deadline = Date.now() + PATIENCE_MILLIS
    for (;;) {
      const job = (this.#job ??= this.#start())
      if (this.#line.isRead) return job
      if (Date.now() > deadline) throw new Error(`day ${this.plan.seed} hangs: the run does not read`, { cause: this.#failure })
      await this.#tick()
    }
  }

  #start(): Job {
    const { plan, world, directory } = this
    const journal = journaled(this.#line, { directory, keep: true })
    const job = runLocal(streamInto(world, counted(journal, (upTo) => (this.#given = upTo))), null, {
      clock: this.#clock, random: seededRandom(plan.seed), epochMillis: plan.epochMillis, paneEpochMillis: plan.epochMillis, maxQueuedRecords: plan.maxQueuedRecords,
      instrument: troubled(plan.troubles[this.lives] ?? {}, this.#clock),
      ...(world.checkpoints && { checkpoints: world.checkpoints }),
    })
    this.lives++
    const gone = (): void => void (this.#job === job && (this.#job = undefined))
    job.done.then(gone, (error: unknown) => {
      gone()
      if (!/died at|was cancelled|try again/.test(String(error))) this.#failure = error
    })
    return job
  }

  /** Time passes, a little. */
  async #tick(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    await turns(TURNS)
    this.#clock.jumpTo(this.#clock.now() + TICK_MILLIS)
  }

  async #whileTimePasses<A>(what: string, promise: Promise<A>): Promise<A | undefined> {
    let result: { readonly value: A | undefined } | undefined
    promise.then((value) => (result = { value }), () => (result = { value: undefined }))
    for (const deadline = Date.now() + PATIENCE_MILLIS; result === undefined;) {
      if (Date.now() > deadline) throw new Error(`day ${this.plan.seed} hangs: ${what} does not end`)
      await this.#tick()
    }
    return result.value
  }

  /** Undefined if it died on the way. */
  async end(how: 'stop' | 'cancel' | 'complete' | 'drain'): Promise<RunSummary | undefined> {
    const job = await this.running()
    if (how === 'complete') this.#line.complete()
    const ended = how === 'cancel' ? job.cancel().then(() => job.done) : how === 'complete' ? job.done : job[how]()
    return this.#whileTimePasses(how, ended)
  }

  /** Until the run has been given all that was heard, or much time has passed in vain. */
  async caughtUp(): Promise<void> {
    const before = this.#given
    for (let turn = 0; turn < MOST_TURNS && this.#job !== undefined && this.#given === before; turn++) await turns(1)
    await turns(2)
  }
}

const unavailable = new ConnectorError({ _tag: 'Hiccup', code: 'Unavailable', message: 'the line: try again', retryable: true })

const perform = async (process: Process, step: Step, kept: MarketFrame[]): Promise<void> => {
  const { line: connection } = process
  switch (step.kind) {
    case 'frame':
      if (!connection.hear(...kept.splice(0), step.frame)) return void kept.push(step.frame)
      return step.awaitRead ? process.caughtUp() : undefined
    case 'drop':
      return connection.drop(step.keeps ? 'kept' : 'lost')
    case 'reopen':
      return connection.reopen()
    case 'fail':
      return connection.fail(unavailable)
    case 'stop':
      connection.atLeave = kept.splice(0)
      return void (await process.end('stop'))
    case 'cancel':
      return void (await process.end('cancel'))
  }
}

const timeOf = (step: Step): number => (step.kind === 'frame' ? step.frame.atMillis : step.atMillis)

/** Lives a day; what nobody hears is kept for later or lost, as the plan says. */
export const runDay = async (plan: DayPlan, world: World, directory: string): Promise<DayReport> => {
  const clock = jumpingClock(plan.startMillis)
  const process = new Process(plan, world, directory, clock)
  const kept: MarketFrame[] = []
  let keeps = false
  await process.running()
  for (const step of plan.steps) {
    await clock.walkTo(timeOf(step))
    await turns(TURNS)
    if (step.kind === 'drop') keeps = step.keeps
    await process.running()
    await perform(process, step, kept)
    if (!keeps) kept.length = 0
  }
  await clock.walkTo(clock.now() + plan.eveningMillis)
  await turns(TURNS)
  return { last: await finish(process, plan.end), lives: process.lives }
}

const finish = async (process: Process, end: DayPlan['end']): Promise<RunSummary | undefined> => {
  for (;;) {
    try {
      const last = await process.end(end)
      if (last?.run.outcome === 'finished') return last
    } catch (error) {
      if (error instanceof RefusedError && error._tag === 'Drained') return undefined
      throw error
    }
  }
}

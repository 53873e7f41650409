import type { Ledger } from '../delivery/ledger.js'
import type { Job } from '../local/job.js'
import { runLocal } from '../local/run-local.js'
import type { Logger } from '../logger.js'
import type { Pipeline } from '../pipeline/define.js'
import { systemClock } from '../time/system.js'
import type { Traits } from '../traits.js'
import { manualClock, type ManualClock } from './manual-clock.js'
import { memoryCheckpoints } from './memory-checkpoints.js'
import type { TestInput } from './test-pipeline-input.js'
import type { TestCounts } from './test-pipeline-ledger.js'
import { replacePorts, type TestOutput, type TestPorts } from './test-pipeline-ports.js'

/** How `testPipeline` runs. @public */
export interface PipelineTestOptions {
  /** What the clock says at first, Unix epoch; default 2030-01-01, so that times of today are never `maxAheadMillis` ahead. */
  readonly startMillis?: number
  /** How long an expectation waits, in real time, while the pipeline is at work (a `mapAsync` that asks a server); default 1,000. */
  readonly patienceMillis?: number
  readonly logger?: Logger
}

const defaultStartMillis = Date.UTC(2030, 0, 1)
/** Rounds of the clock standing still in which a pipeline that waits for nothing outside comes to rest. */
const settlingRounds = 100
/** At rest is what was so twice: between two slices of many panes it may look so once. */
const quietRounds = 2
const lookAgainAfterMillis = 5

const checkMillis = (name: string, value: number): number => {
  if (Number.isFinite(value) && value >= 0) return value
  throw new RangeError(`testPipeline: option ${name} must be a finite number ≥ 0, got ${value}`)
}

/** A pipeline that runs for a test: what goes in and comes out is in memory, and its clock stands still. */
export class TestRun {
  readonly clock: ManualClock
  readonly ports: TestPorts
  readonly #job: Job
  readonly #patienceMillis: number
  #over: { readonly error?: unknown } | undefined
  ended = false

  constructor(
    readonly name: string,
    start: (clock: ManualClock) => { readonly job: Job; readonly ports: TestPorts },
    { startMillis = defaultStartMillis, patienceMillis = 1_000 }: PipelineTestOptions,
  ) {
    this.clock = manualClock(checkMillis('startMillis', startMillis))
    this.#patienceMillis = checkMillis('patienceMillis', patienceMillis)
    const { job, ports } = start(this.clock)
    this.#job = job
    this.ports = ports
    job.done.then(
      () => (this.#over = {}),
      (error: unknown) => (this.#over = { error }),
    )
  }

  get ledger(): Ledger {
    return this.#job.ledger
  }

  get #inputs(): readonly TestInput[] {
    return [...this.ports.inputs.values()]
  }

  /** What went in and came out, counted outside of the pipeline. */
  get counts(): TestCounts {
    const { inputs, writes, deadLetters } = this.ports
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
    return { sent: sum([...inputs.values()].map(({ sent }) => sent)), written: sum([...writes.values()].map(({ values }) => values.length)), deadLetters: deadLetters.values.length }
  }

  /** What keeps the pipeline from coming to rest, for people. */
  get busy(): string {
    return `${this.ledger.inFlight} elements are in flight (a mapAsync that waits for its time-out needs advanceClock(…); what a through holds back comes when it lets go)`
  }

  /** The row that was sent is written, the pane that it fired too, and nothing is under way. */
  get isAtRest(): boolean {
    return this.#over !== undefined || (this.#inputs.every(({ settled }) => settled) && this.ledger.inFlight === 0)
  }

  /**
   * Lets the pipeline work without time passing. False if it then still waits for something: a server, or its clock.
   * @throws what the run failed of
   */
  async settle(): Promise<boolean> {
    for (let round = 0, quiet = 0; round < settlingRounds; round++) {
      // Also sleeps of no length end only so.
      await this.clock.advance(0)
      if (this.#over?.error !== undefined) throw this.#over.error
      quiet = this.isAtRest ? quiet + 1 : 0
      if (quiet >= quietRounds) return true
    }
    return false
  }

  /** Looks again while the pipeline is at work and patience lasts. @returns what `look` said last, undefined if it is content */
  async until<T>(look: (isAtRest: boolean) => T | undefined): Promise<T | undefined> {
    const deadlineMillis = systemClock.now() + this.#patienceMillis
    for (;;) {
      const atRest = await this.settle()
      const complaint = look(atRest)
      if (complaint === undefined || atRest || systemClock.now() >= deadlineMillis) return complaint
      await systemClock.sleep(lookAgainAfterMillis)
    }
  }

  /** Waits until nothing is under way, while patience lasts. */
  async rest(): Promise<void> {
    await this.until((atRest) => (atRest ? undefined : 'busy'))
  }

  /** All input ends: every window fires. False if something would not end in time. */
  async end(): Promise<boolean> {
    await this.rest()
    this.ended = true
    for (const input of this.#inputs) if (input.bounded) input.end()
    await this.settle()
    // What is unbounded ends with the run; what is bounded is read to its end first.
    void this.#job.drain().catch(() => undefined)
    const deadlineMillis = systemClock.now() + this.#patienceMillis
    for (;;) {
      await this.settle()
      if (this.#over !== undefined) return true
      if (systemClock.now() >= deadlineMillis) return false
      await systemClock.sleep(lookAgainAfterMillis)
    }
  }

  async cancel(): Promise<void> {
    this.ended = true
    await this.#job.cancel()
  }
}

/** Starts the pipeline with its sources and sinks replaced. */
export const startTestRun = <C>(pipeline: Pipeline<C, Traits['reach']>, config: C, options: PipelineTestOptions): TestRun => {
  const start = (clock: ManualClock) => {
    const replaced = replacePorts(pipeline)
    const { logger } = options
    // An epoch after every batch: what was sent is written at once. State that no checkpoint could hold fails here too.
    const job = runLocal(replaced.pipeline, config, { clock, random: () => 0, epochMillis: 0, checkpoints: memoryCheckpoints(), ...(logger && { logger }) })
    return { job, ports: replaced.ports() }
  }
  return new TestRun(pipeline.name, start, options)
}

/** @throws TypeError that lists those that there are */
export const named = <T extends TestInput | TestOutput>(all: ReadonlyMap<string, T>, name: string, kind: 'read' | 'write', pipeline: string): T => {
  const found = all.get(name)
  if (found !== undefined) return found
  const known = [...all.keys()].map((key) => `'${key}'`).join(', ')
  throw new TypeError(`testPipeline: pipeline '${pipeline}' has no ${kind} named '${name}', only ${known}`)
}

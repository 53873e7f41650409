import { ConnectorError, type EndOptions, type Job, type LocalOptions, type Logger, type RunSummary } from '@millrace/core'
import type { BatchConfig, StreamConfig } from '../pipeline.js'
import { LiveView } from './live-view.js'
import type { Output } from './output.js'
import type { Parts } from './parts.js'
import { onStopSignal, type StopSignal } from './stop-signals.js'
import { printable } from './table.js'

/** What to run: the live lane, and perhaps the batch lane beside it, into one file. */
export interface LanesPlan {
  readonly stream: StreamConfig
  readonly batch: BatchConfig | undefined
  /** How the live lane ends at the first signal: resumable, or for good, with all windows fired. */
  readonly atSignal: 'stop' | 'drain'
  /** After so long the live lane is drained; not given: it goes on. */
  readonly lifeMillis?: number
  /** Called when the first connection is open, to say so. */
  readonly sayConnected?: (output: Output) => void
}

/** How the lanes ended; a lane that had to be cancelled has no summary. */
export interface LanesEnded {
  readonly stream: RunSummary | undefined
  readonly batch: RunSummary | undefined
  /** How long each lane took; 0 for one that was not, or was cancelled. */
  readonly millis: { readonly stream: number; readonly batch: number }
  readonly signal: StopSignal | undefined
}

/** One lane under way. */
interface Lane {
  readonly name: string
  readonly job: Job
}

type LaneEnd =
  | { readonly _tag: 'Ended'; readonly summary: RunSummary; readonly millis: number }
  /** It could not end within the deadline. */
  | { readonly _tag: 'Cancelled' }
  | { readonly _tag: 'Failed' }

/** How long a lane may take to end in order. */
const DEADLINE: EndOptions = { deadlineMillis: 10_000 }
const LIVE = 'live lane'
const BATCH = 'backfill'

const failureWords = (error: unknown): string => (error instanceof Error ? error.message : String(error))

class Lanes {
  readonly #parts: Parts
  readonly #plan: LanesPlan
  readonly #over = new AbortController()
  readonly #view: LiveView
  readonly #lanes: Lane[] = []
  readonly #failures: unknown[] = []

  constructor(parts: Parts, plan: LanesPlan) {
    this.#parts = parts
    this.#plan = plan
    this.#view = new LiveView(parts, { db: plan.stream.db, ownUrl: plan.stream.url !== undefined, sayConnected: plan.sayConnected ?? (() => {}) })
  }

  async run(): Promise<LanesEnded> {
    const endSignals = onStopSignal((signal) => this.#onSignal(signal))
    try {
      const [stream, batch] = this.#start()
      this.#endInTime(stream)
      const shown = this.#view.show(stream, batch, this.#over.signal)
      const ends = await Promise.all([this.#endOf(LIVE, stream), batch && this.#endOf(BATCH, batch)])
      this.#over.abort()
      await shown
      if (this.#failures.length > 0) throw this.#failures[0]
      const [ofStream, ofBatch] = ends.map((end) => (end?._tag === 'Ended' ? end : undefined))
      const millis = { stream: ofStream?.millis ?? 0, batch: ofBatch?.millis ?? 0 }
      return { stream: ofStream?.summary, batch: ofBatch?.summary, millis, signal: endSignals() }
    } catch (error) {
      // Where the second lane could not even be made, the first is under way.
      await Promise.all(this.#lanes.map(({ job }) => job.cancel()))
      throw error
    } finally {
      endSignals()
      this.#over.abort()
    }
  }

  #start(): readonly [Job, Job | undefined] {
    const [parts, plan] = [this.#parts, this.#plan]
    const options = (logger: Logger): LocalOptions => ({ logger, clock: parts.clock })
    const stream = parts.run(parts.stream, plan.stream, options(this.#view.logger))
    this.#lanes.push({ name: LIVE, job: stream })
    if (plan.batch === undefined) return [stream, undefined]
    const batch = parts.run(parts.batch, plan.batch, options(this.#view.batchLogger))
    this.#lanes.push({ name: BATCH, job: batch })
    return [stream, batch]
  }

  async #endOf(name: string, job: Job): Promise<LaneEnd> {
    const { clock } = this.#parts
    const startedAtMillis = clock.now()
    try {
      const summary = await job.done
      return { _tag: 'Ended', summary, millis: clock.now() - startedAtMillis }
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'DeadlineExceeded') {
        this.#warn(`The ${name} was cancelled: ${printable(error.message)}. What was committed stays.`)
        return { _tag: 'Cancelled' }
      }
      this.#onFailure(name, error)
      return { _tag: 'Failed' }
    }
  }

  /** The other lane has done nothing wrong: it stops in order, and goes on when both are started again. */
  #onFailure(name: string, error: unknown): void {
    this.#failures.push(error)
    if (this.#failures.length > 1) return this.#warn(`The ${name} failed too: ${printable(failureWords(error))}`)
    const others = this.#lanes.filter((lane) => lane.name !== name)
    for (const other of others) this.#stop(other.job)
    if (others.length > 0) this.#warn(`The ${name} cannot go on; the ${others.map((other) => other.name).join(', ')} stops at a checkpoint.`)
  }

  #onSignal(signal: StopSignal): void {
    const drains = this.#plan.atSignal === 'drain'
    this.#warn(`${signal}: ${drains ? 'ending' : 'stopping at a checkpoint'}. Once more stops at once; nothing is lost either way.`)
    for (const { name, job } of this.#lanes) {
      if (drains && name === LIVE) job.drain(DEADLINE).catch(() => {})
      else this.#stop(job)
    }
  }

  /** A stop that fails makes `done` fail, which is reported there. */
  #stop(job: Job): void {
    job.stop(DEADLINE).catch(() => {})
  }

  #endInTime(stream: Job): void {
    const { lifeMillis } = this.#plan
    if (lifeMillis === undefined) return
    this.#parts.clock.sleep(lifeMillis, this.#over.signal).then(() => void stream.drain().catch(() => {}), () => {})
  }

  #warn(line: string): void {
    this.#view.above((output: Output) => output.warn(line))
  }
}

/**
 * Runs the lanes to their end, showing how they are doing. The first SIGINT or SIGTERM ends them in order, the second at once. Where
 * one fails the other is stopped at a checkpoint.
 * @throws what the lane that failed first failed of
 */
export const runLanes = (parts: Parts, plan: LanesPlan): Promise<LanesEnded> => new Lanes(parts, plan).run()

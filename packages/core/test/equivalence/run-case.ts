import { Observable } from 'rxjs'
import { RefusedError, runLocal, type Instrument, type Job, type RunSummary, type SourceBatch } from '@millrace/core'
import { memorySource, type MemorySource } from '#src/testing/memory-source.js'
import { yieldToEventLoop } from '#src/time/system.js'
import { buildCase, type Sources } from './build-case.js'
import type { CaseSpec, Interruption } from './case.js'
import { dying } from './crash.js'
import type { World } from './world.js'

/** Longer means that it hangs. */
const patienceMillis = Number(process.env['MILLRACE_PATIENCE_MILLIS'] ?? 30_000)

const sizeOf = ({ records }: SourceBatch<unknown, number>): number =>
  'count' in records ? Number(records.count) : records.length

const listening = (
  source: MemorySource<unknown>,
  onBatch: (batch: SourceBatch<unknown, number>) => void,
): MemorySource<unknown> => ({
  ...source,
  read: (partition, after, context) =>
    new Observable<SourceBatch<unknown, number>>((subscriber) =>
      source.read(partition, after, context).subscribe({
        next: (batch) => {
          subscriber.next(batch)
          onBatch(batch)
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    ),
})

const plain: Sources = (_read, options) => memorySource(options)

const start = (spec: CaseSpec, world: World, sources = plain, instrument = dying(undefined, spec.flaky)): Job =>
  runLocal(buildCase(spec, world, sources), null, {
    epochMillis: spec.epochMillis,
    paneEpochMillis: Math.min(5, spec.epochMillis),
    concurrency: spec.concurrency,
    maxQueuedRecords: spec.maxQueuedRecords,
    retry: { initialDelayMillis: 0 },
    instrument,
    ...(world.checkpoints && { checkpoints: world.checkpoints }),
  })

const isSettled = (job: Job): { readonly now: () => boolean } => {
  let settled = false
  const settle = (): void => void (settled = true)
  job.done.then(settle, settle)
  return { now: () => settled }
}

/** Resolves when the run has ended, or when everything has been read, or when `enough` says so. */
const watch = async (spec: CaseSpec, job: Job, records: number, enough: () => boolean): Promise<void> => {
  const settled = isSettled(job)
  const deadline = Date.now() + patienceMillis
  for (let turn = 0; !settled.now() && !enough(); turn++) {
    // The ledger is read off all counters: not at every turn.
    if (turn % 8 === 7 && job.ledger.read >= records) return
    if (Date.now() > deadline) throw new Error(`case ${spec.seed} hangs: ${job.ledger.read} of ${records} records read`)
    await yieldToEventLoop()
  }
}

const inTime = async <T>(spec: CaseSpec, what: string, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`case ${spec.seed} hangs: ${what} does not end`)), patienceMillis)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

type Ending = Extract<Interruption, { turns: number }>

const end = (job: Job, how: Ending['how']): Promise<RunSummary | undefined> =>
  how === 'stop' ? job.stop() : job.cancel().then(() => job.done.catch(() => undefined))

/** One run that is ended in its middle; it may have ended by itself before. */
const ended = async (
  spec: CaseSpec,
  world: World,
  records: number,
  { afterBatches, turns, how }: Ending,
): Promise<RunSummary | undefined> => {
  let batches = 0
  const onBatch = (): void => {
    // At once: by the next turn of the event loop much more may have been read.
    if (++batches === afterBatches && turns === 0) void end(job, how).catch(() => undefined)
  }
  const job = start(spec, world, (_read, options) => listening(memorySource(options), onBatch))
  await watch(spec, job, records, () => batches >= afterBatches)
  for (let turn = 0; turn < turns; turn++) await yieldToEventLoop()
  return inTime(spec, how, end(job, how))
}

/** Whether the run ends by itself: every partition does. */
const endsByItself = ({ reads }: CaseSpec): boolean =>
  reads.every(({ bounded, partitions }) => bounded || partitions.every((partition) => partition.ends))

/** To the end, windows and all. */
const finish = async (spec: CaseSpec, world: World, records: number, instrument?: Instrument): Promise<RunSummary> => {
  let handedOver = 0
  const job = start(
    spec,
    world,
    (_read, options) => listening(memorySource(options), (batch) => void (handedOver += sizeOf(batch))),
    instrument,
  )
  if (endsByItself(spec)) return inTime(spec, 'the run', job.done)
  // What was handed over counts, also where it still waits in a queue.
  await watch(spec, job, records, () => handedOver >= records)
  return inTime(spec, 'drain', job.drain())
}

const interrupted = async (
  spec: CaseSpec,
  world: World,
  records: number,
  interruption: Interruption,
): Promise<RunSummary | undefined> => {
  if (interruption.how !== 'die') return ended(spec, world, records, interruption)
  // A run that does not get as far as its death just ends.
  return finish(spec, world, records, dying(interruption, spec.flaky)).catch((error: unknown) => {
    if (!String(error).includes('died at')) throw error
    return undefined
  })
}

/** A run that died behind its last checkpoint has nothing left to say. */
const hadFinished = (error: unknown): undefined => {
  if (error instanceof RefusedError && error._tag === 'Drained') return undefined
  throw error
}

/** Runs a case, with all its interruptions, until it has finished; answers what each run said, if it came to say something. */
export const runCase = async (
  spec: CaseSpec,
  world: World,
  records: number,
): Promise<readonly (RunSummary | undefined)[]> => {
  const summaries: (RunSummary | undefined)[] = []
  for (const interruption of spec.interruptions) {
    summaries.push(await interrupted(spec, world, records, interruption).catch(hadFinished))
    if (summaries.at(-1)?.run.outcome === 'finished') return summaries
  }
  return [...summaries, await finish(spec, world, records).catch(hadFinished)]
}

/** The same input once more, if that can be told: nothing must happen. */
export const runAgain = async (spec: CaseSpec, world: World): Promise<RunSummary | undefined> => {
  if (!spec.reads.every(({ bounded }) => bounded)) return undefined
  return inTime(spec, 'a run of what is done', start(spec, world).done)
}

import type { EndOptions, Job } from './job.js'

/** What asks a process to end. */
const signals = ['SIGINT', 'SIGTERM'] as const

/** Where signals come from, as far as it is used. */
interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
}

const ofThisProcess: Signals = {
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
}

/**
 * Stops a job in order on the first SIGINT or SIGTERM (at a checkpoint: the same run can be resumed), and cancels it on the second, which
 * loses nothing that is checkpointed. Once the job has ended, signals mean what they meant before.
 * @param options - `deadlineMillis` below the time that whoever sends SIGTERM allows (Kubernetes: 30 s; Cloud Run: 10 s); default 8,000
 * @public
 */
export const stopOnSignals = (job: Pick<Job, 'stop' | 'cancel' | 'done'>, { deadlineMillis = 8_000 }: EndOptions = {}, source: Signals = ofThisProcess): void => {
  let isStopping = false
  const end = (): void => {
    // How it ended is told by `done`.
    if (isStopping) void job.cancel()
    else job.stop({ deadlineMillis }).catch(() => undefined)
    isStopping = true
  }
  for (const signal of signals) source.on(signal, end)
  const forget = (): void => signals.forEach((signal) => void source.off(signal, end))
  job.done.then(forget, forget)
}

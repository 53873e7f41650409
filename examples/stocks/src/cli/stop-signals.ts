import { ExitCode } from './exit-code.js'

/** A signal that asks the process to end. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

/** The exit code that says which signal it was. */
export const exitCodeOf = (signal: StopSignal): ExitCode => (signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated)

/**
 * Calls `stop` on the first SIGINT or SIGTERM. The second ends the process at once, which loses nothing: what is committed
 * stays, and the rest is read again.
 * @returns ends the watch, and tells which signal came, if one did
 */
export const onStopSignal = (stop: (signal: StopSignal) => void): (() => StopSignal | undefined) => {
  let first: StopSignal | undefined
  const listener = (signal: StopSignal): void => {
    if (first !== undefined) process.exit(exitCodeOf(signal))
    first = signal
    stop(signal)
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
    return first
  }
}

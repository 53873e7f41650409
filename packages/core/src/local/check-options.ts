import type { LocalOptions } from './options.js'

const fail = (name: string, wanted: string, got: unknown): never => {
  throw new TypeError(`runLocal: option ${name} must be ${wanted}, got ${String(got)}`)
}

const checkCount = (name: string, value: number | undefined): void => {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1)) fail(name, 'an integer ≥ 1', value)
}

/** Throws where it is no time to wait. */
export const checkMillis = (name: string, value: number | undefined): void => {
  if (value !== undefined && !(Number.isFinite(value) && value >= 0)) fail(name, 'a finite number ≥ 0', value)
}

/** Throws where an option would make a run hang or spin, naming it. */
export const checkOptions = (options: LocalOptions): void => {
  const { epochMillis, paneEpochMillis, concurrency, maxQueuedRecords, maxQueuedBytes, retry = {} } = options
  checkMillis('epochMillis', epochMillis)
  checkMillis('paneEpochMillis', paneEpochMillis)
  checkCount('concurrency', concurrency)
  checkCount('maxQueuedRecords', maxQueuedRecords)
  checkCount('maxQueuedBytes', maxQueuedBytes)
  checkCount('retry.maxAttempts', retry.maxAttempts)
  checkMillis('retry.initialDelayMillis', retry.initialDelayMillis)
  checkMillis('retry.maxDelayMillis', retry.maxDelayMillis)
}

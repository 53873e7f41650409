import type { Settings } from './options.js'

/** How far a wait is varied, so that clients that lost one server do not all come back at once. */
const JITTER = 0.2

/** A server that asks for more patience than this is not believed. */
const LONGEST_RETRY_AFTER_MILLIS = 3_600_000

/** How long to wait before the next connection, by how the ones before it went. */
export class ReconnectDelay {
  #failures = 0

  constructor(
    readonly options: Settings['reconnect'],
    readonly random: () => number,
  ) {}

  /** @param openMillis how long the connection had been open, 0 if it never was */
  afterFailure(openMillis: number, retryAfterMillis = 0): number {
    const { initialDelayMillis, maxDelayMillis, stableMillis } = this.options
    if (openMillis > 0 && openMillis >= stableMillis) this.#failures = 0
    const full = Math.min(maxDelayMillis, initialDelayMillis * 2 ** this.#failures++)
    const varied = Math.round(full * (1 + JITTER * (2 * this.random() - 1)))
    return Math.max(varied, Math.min(retryAfterMillis, LONGEST_RETRY_AFTER_MILLIS))
  }
}

/** HTTP's `Retry-After`, in seconds or as a date; undefined where it is neither. */
export const parseRetryAfter = (header: string | undefined, nowMillis: number): number | undefined => {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000
  const atMillis = Date.parse(header)
  return Number.isNaN(atMillis) ? undefined : Math.max(0, atMillis - nowMillis)
}

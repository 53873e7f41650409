/**
 * Time as a port: the only way to read or wait for it in core and connectors, so that whole pipelines run under virtual
 * time.
 * @public
 */
export interface Clock {
  /** Unix epoch milliseconds, UTC. */
  now(): number
  /** Resolves after `millis`; rejects with the signal's reason when it is aborted. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>
}

import { ConnectorError } from '../failure.js'
import { failureOf } from '../local/failure-of.js'
import type { Sink } from '../sink.js'
import type { Traits } from '../traits.js'
import { allWritten, closable } from './writer.js'

const failed = (name: string, thrown: unknown): ConnectorError => {
  if (thrown instanceof ConnectorError) return thrown
  const { message } = failureOf(thrown)
  return new ConnectorError({ _tag: 'Callback', code: 'Unknown', message: `the callback of sink '${name}' failed: ${message}`, cause: thrown })
}

/**
 * Calls a function with the values of some rows (1 to 1,000) and waits for its promise; one call at a time. `repeating`: after a crash, or
 * when the function asks for a retry, values come again.
 *
 * What it throws ends the run, because a mistake in it would not go away by itself. To be called again with the same values (by the
 * run's retry policy), throw a `ConnectorError` with `retryable: true`.
 * @param name - unique in the pipeline
 * @public
 */
export const callbackSink = <A>(name: string, callback: (values: readonly A[]) => void | Promise<void>): Sink<A, 'local', Traits['panes'], 'repeating'> => ({
  name,
  reach: 'local',
  accepts: 'discarding',
  guarantee: 'repeating',
  open: async () =>
    closable<A>(name, async (rows) => {
      try {
        await callback(rows.map(({ value }) => value))
      } catch (thrown) {
        throw failed(name, thrown)
      }
      return allWritten(rows)
    }),
})

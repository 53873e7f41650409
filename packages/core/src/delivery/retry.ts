import { ConnectorError, type Failure } from '../failure.js'
import type { Clock } from '../time/clock.js'

/** How failures that say they are retryable are tried again: everywhere in a run, by core alone. @public */
export interface RetryPolicy {
  /** Attempts in all, the first included, ≥ 1; default 6. */
  readonly maxAttempts: number
  /** Wait before the second attempt; doubles from one to the next; default 100. */
  readonly initialDelayMillis: number
  /** The longest wait; default 10,000. */
  readonly maxDelayMillis: number
}

/** Six attempts within about three seconds. @public */
export const defaultRetry: RetryPolicy = { maxAttempts: 6, initialDelayMillis: 100, maxDelayMillis: 10_000 }

/** Full jitter over the upper half: between half the exponential delay and all of it. */
export const delayBefore = (attempt: number, policy: RetryPolicy, random: () => number): number => {
  const full = Math.min(policy.maxDelayMillis, policy.initialDelayMillis * 2 ** (attempt - 2))
  return full / 2 + (random() * full) / 2
}

const isRetryable = (error: unknown): error is Failure => error instanceof ConnectorError && error.retryable

/** What waiting between attempts needs. */
export interface RetryContext {
  readonly policy: RetryPolicy
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** What the run waits for outside at this moment, in words. */
  readonly doing: Set<string>
}

/** Notes what is waited for while it is. */
export const noting = async <A>({ doing }: RetryContext, what: string, action: () => Promise<A>): Promise<A> => {
  doing.add(what)
  try {
    return await action()
  } finally {
    doing.delete(what)
  }
}

/**
 * Calls `action` until it succeeds, fails for good, or the attempts are used up; then its last error is thrown.
 * @param what - for whoever asks what the run waits for: `sink 'bars' to write`
 */
export const retrying = <A>(context: RetryContext, what: string, action: (attempt: number) => Promise<A>): Promise<A> =>
  noting(context, what, () => attempting(context, action))

const attempting = async <A>(context: RetryContext, action: (attempt: number) => Promise<A>): Promise<A> => {
  for (let attempt = 1; ; attempt++) {
    // After a run was cancelled nothing new begins, whatever was under way.
    context.signal.throwIfAborted()
    try {
      return await action(attempt)
    } catch (error) {
      if (!isRetryable(error) || attempt >= context.policy.maxAttempts || context.signal.aborted) throw error
      await context.clock.sleep(delayBefore(attempt + 1, context.policy, context.random), context.signal)
    }
  }
}

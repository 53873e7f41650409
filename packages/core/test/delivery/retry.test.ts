import { ConnectorError, defaultRetry, type RetryPolicy } from '@millrace/core'
import { manualClock } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { delayBefore, retrying } from '#src/delivery/retry.js'

const test = suite('retry')

const policy: RetryPolicy = { maxAttempts: 4, initialDelayMillis: 100, maxDelayMillis: 300 }
const busy = (attempt: number): ConnectorError => new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: `attempt ${attempt}`, retryable: true })

test('the delay doubles up to the longest, and lies in the upper half of it', () => {
  const bounds = (attempt: number): readonly number[] => [delayBefore(attempt, policy, () => 0), delayBefore(attempt, policy, () => 1)]
  assert.equal([2, 3, 4, 9].map(bounds), [[50, 100], [100, 200], [150, 300], [150, 300]])
  assert.is(delayBefore(2, policy, () => 0.5), 75)
  assert.is(delayBefore(2_000, defaultRetry, () => 1), 10_000)
})

/** Attempts by the clock's time, under a policy without jitter. */
const attempts = async (action: (attempt: number) => Promise<string>): Promise<{ readonly times: readonly number[]; readonly result: unknown }> => {
  const clock = manualClock()
  const times: number[] = []
  const running = retrying({ policy, clock, random: () => 1, signal: new AbortController().signal, doing: new Set() }, 'it', (attempt) => {
    times.push(clock.now())
    return action(attempt)
  }).catch((error: unknown) => error)
  await clock.advance(10_000)
  assert.is(clock.pending(), 0)
  return { times, result: await running }
}

test('what succeeds is called once', async () => {
  assert.equal(await attempts(async () => 'done'), { times: [0], result: 'done' })
})

test('what fails twice is called three times, with the delays between', async () => {
  const { times, result } = await attempts(async (attempt) => {
    if (attempt < 3) throw busy(attempt)
    return 'done'
  })
  assert.equal([times, result], [[0, 100, 300], 'done'])
})

test('when the attempts are used up the last error is thrown', async () => {
  const { times, result } = await attempts(async (attempt) => Promise.reject(busy(attempt)))
  assert.equal(times, [0, 100, 300, 600])
  assert.is((result as Error).message, 'attempt 4') // as: what it rejected with
})

test('what is not retryable is thrown as it is, at once', async () => {
  const fatal = new ConnectorError({ _tag: 'Gone', code: 'NotFound', message: 'no' })
  for (const error of [fatal, new TypeError('a bug'), { retryable: true }]) {
    const { times, result } = await attempts(() => Promise.reject(error))
    assert.equal(times, [0])
    assert.is(result, error)
  }
})

test('a function that throws before it gives a promise is tried again too', async () => {
  const { times, result } = await attempts((attempt) => {
    if (attempt < 2) throw busy(attempt)
    return Promise.resolve('done')
  })
  assert.equal([times, result], [[0, 100], 'done'])
})

test('an abort ends the waiting, with its reason, and nothing is called after it', async () => {
  const clock = manualClock()
  const abort = new AbortController()
  let calls = 0
  const context = { policy, clock, random: () => 1, signal: abort.signal, doing: new Set<string>() }
  const running = retrying(context, 'it', () => Promise.reject(busy(++calls))).catch((error: unknown) => error)
  await clock.advance(0)
  const reason = new Error('cancelled')
  abort.abort(reason)
  assert.is(await running, reason)
  assert.is(await retrying(context, 'it', async () => ++calls).catch((error: unknown) => error), reason)
  assert.equal([calls, clock.pending()], [1, 0])
})

test.run()

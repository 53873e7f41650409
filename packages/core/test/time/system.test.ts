import { mock } from 'node:test'
import { systemClock } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('the machine’s clock')

const turns = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}

const monthMillis = 30 * 24 * 3_600_000

test('waits a month, which is longer than a timer of Node can', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let over = false
    void systemClock.sleep(monthMillis).then(() => (over = true))
    for (const millis of [2 ** 31 - 1, monthMillis - 2 ** 31]) {
      mock.timers.tick(millis)
      await turns()
      assert.not(over)
    }
    mock.timers.tick(1)
    await turns()
    assert.ok(over)
  } finally {
    mock.timers.reset()
  }
})

test('rejects with the reason of the signal, at once, and leaves no timer', async () => {
  const reason = new Error('enough')
  for (const late of [true, false]) {
    const abort = new AbortController()
    if (!late) abort.abort(reason)
    const sleeping = systemClock.sleep(1_000_000, abort.signal)
    abort.abort(reason)
    assert.is(await sleeping.catch((error: unknown) => error), reason)
  }
  assert.not(process.getActiveResourcesInfo().includes('Timeout'), 'a timer is left')
})

test.run()

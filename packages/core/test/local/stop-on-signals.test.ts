import { EventEmitter } from 'node:events'
import { stopOnSignals, type EndOptions, type RunSummary } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('stopping on signals')

const jobOf = (said: unknown[]) => {
  let end: (how: 'ended' | 'failed') => void = () => undefined
  const done = new Promise<RunSummary>((resolve, reject) => {
    // as: nobody looks at the summary
    end = (how) => (how === 'ended' ? resolve({} as RunSummary) : reject(new Error('no')))
  })
  const job = {
    stop: (options?: EndOptions) => (said.push(['stop', options?.deadlineMillis]), done),
    cancel: async () => void said.push(['cancel']),
    done,
  }
  return { job, end: (how: 'ended' | 'failed') => end(how) }
}

test('the first one stops, the next ones cancel; whatever they are', () => {
  const said: unknown[] = []
  const signals = new EventEmitter()
  const { job } = jobOf(said)
  stopOnSignals(job, { deadlineMillis: 5 }, signals)
  signals.emit('SIGTERM')
  assert.equal(said, [['stop', 5]])
  signals.emit('SIGINT')
  assert.equal(said, [['stop', 5], ['cancel']])
})

test('once the job has ended, in whatever way, nothing listens any more', async () => {
  for (const how of ['ended', 'failed'] as const) {
    const said: unknown[] = []
    const signals = new EventEmitter()
    const { job, end } = jobOf(said)
    stopOnSignals(job, undefined, signals)
    assert.equal([signals.listenerCount('SIGINT'), signals.listenerCount('SIGTERM')], [1, 1])
    end(how)
    await job.done.catch(() => undefined)
    await Promise.resolve()
    assert.equal([signals.listenerCount('SIGINT'), signals.listenerCount('SIGTERM')], [0, 0])
  }
})

test.run()

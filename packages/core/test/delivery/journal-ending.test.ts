import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConnectorError, journaled } from '@millrace/core'
import { at, fill, liveSource, startReading, temporaryFolder } from './journal-support.js'

const test = suite('journaled, how it ends')

test('stop: the source takes its leave, what it still gives is kept, the backlog is not read', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory })
  const reading = startReading(journal, undefined, 1)
  await source.connected()
  source.give('a')
  await reading.until(() => reading.texts.length === 1)
  source.give('b')
  reading.end('stop')
  assert.is(source.context().ending.reason, 'stop')
  source.give('c')
  reading.credit.grant(5)
  assert.is(reading.state(), 'open')
  source.complete()
  await reading.ended()
  assert.is(reading.state(), 'completed')
  assert.equal(reading.texts, ['a'])
  assert.equal((await fill(source, journal, [], at(directory, 1))).texts, ['b', 'c'])
})

test('drain: the same, and everything is given first', async () => {
  const source = liveSource()
  const reading = startReading(journaled(source, { directory: temporaryFolder() }), undefined, 1)
  await source.connected()
  source.give('a')
  source.give('b')
  reading.end('drain')
  assert.is(source.context().ending.reason, 'drain')
  source.give('c')
  source.complete()
  await reading.until(() => reading.texts.length > 0)
  assert.is(reading.state(), 'open')
  reading.credit.grant(5)
  await reading.ended()
  assert.is(reading.state(), 'completed')
  assert.equal(reading.texts, ['a', 'b', 'c'])
})

test('a source that takes no leave is cut off at the end', async () => {
  for (const how of ['stop', 'drain'] as const) {
    const source = liveSource({ drains: false })
    const reading = startReading(journaled(source, { directory: temporaryFolder() }))
    await source.connected()
    source.give('a')
    reading.end(how)
    assert.is(source.open(), 0)
    await reading.ended()
    assert.is(reading.state(), 'completed')
    assert.equal(reading.texts, how === 'stop' ? [] : ['a'])
  }
})

test('ended before it began, it does not connect; a drain gives what there is', async () => {
  for (const how of ['stop', 'drain'] as const) {
    const source = liveSource()
    const directory = temporaryFolder()
    await fill(source, journaled(source, { directory }), ['a'])
    const reading = startReading(journaled(source, { directory }))
    reading.end(how)
    await reading.ended()
    assert.is(source.open(), 0)
    assert.equal(reading.texts, how === 'stop' ? [] : ['a'])
    assert.is(reading.state(), 'completed')
  }
})

test('what the source fails with comes behind everything it gave', async () => {
  const source = liveSource()
  const journal = journaled(source, { directory: temporaryFolder() })
  const reading = startReading(journal, undefined, 0)
  await source.connected()
  source.give('a', 'b')
  const error = new ConnectorError({ _tag: 'Closed', code: 'Unavailable', message: 'the exchange closed', retryable: true })
  source.fail(error)
  reading.credit.grant(3)
  await reading.ended()
  assert.equal(reading.texts, ['a', 'b'])
  assert.is(reading.error(), error)
})

test('a source whose read throws', async () => {
  const source = liveSource()
  const broken = { ...source, read: () => { throw new Error('cannot read') } }
  const reading = startReading(journaled(broken, { directory: temporaryFolder() }))
  await reading.ended()
  assert.is(reading.error()?.message, 'cannot read')
})

test('unsubscribed or aborted, the source is cut off at once and nothing more is given', async () => {
  for (const how of ['leave', 'abort'] as const) {
    const source = liveSource()
    const directory = temporaryFolder()
    const reading = startReading(journaled(source, { directory }), undefined, 0)
    await source.connected()
    source.give('a')
    const { credit } = source.context()
    if (how === 'leave') reading.leave()
    else reading.abort(new Error('enough'))
    assert.is(source.open(), 0)
    const why = await credit.ready().catch((error: unknown) => error)
    assert.instance(why, Error)
    if (how === 'abort') await reading.ended()
    if (how === 'abort') assert.is(reading.error()?.message, 'enough')
    assert.equal((await fill(source, journaled(source, { directory }), ['b'])).texts, ['a', 'b'])
    assert.equal(reading.texts, [])
  }
})

test.run()

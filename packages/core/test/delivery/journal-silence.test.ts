import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journaled } from '@millrace/core'
import { at, dump, fill, frame, liveSource, startReading, temporaryFolder } from './journal-support.js'

const test = suite('journal, silence')

const silent = (value: string, number: number, silentMillis: number) => ({ ...frame(value, [number], number), silentMillis })

test('what the run is about to act on is kept, given, and not told again by the next record', async () => {
  const directory = temporaryFolder()
  const live = liveSource()
  const source = journaled(live, { directory })
  const reading = startReading(source)
  await live.connected()
  live.context().listening(true)
  live.batch({ records: [silent('a', 1, 5)] })
  await reading.until(() => reading.numbers.length === 1 && reading.listening.at(-1) === true)
  source.silent?.('p', 12_000)
  await reading.until(() => reading.batches.length === 2 && reading.listening.at(-1) === true)
  source.silent?.('p', 3_000)
  await reading.until(() => reading.batches.length === 3)
  live.batch({ records: [silent('b', 2, 20_000), silent('c', 3, 7)] })
  await reading.until(() => reading.numbers.length === 3)
  assert.equal(reading.batches.map(({ offset, silentMillis }) => [offset, silentMillis]).slice(1, 3), [[at(directory, 2, 1), 12_000], [at(directory, 3, 1), 3_000]])
  assert.equal((await dump(directory)).map((record) => (record._tag === 'Gap' ? 'gap' : record.silentMillis)), [5, 12_000, 3_000, 5_000, 7])
  reading.leave()
})

test('a new life reads it again, and begins its gap where something was heard last', async () => {
  const directory = temporaryFolder()
  const live = liveSource()
  const first = journaled(live, { directory })
  const reading = startReading(first)
  await live.connected()
  live.context().listening(true)
  live.batch({ records: [silent('a', 1_000, 0)] })
  await reading.until(() => reading.numbers.length === 1 && reading.listening.at(-1) === true)
  first.silent?.('p', 9_000)
  await reading.until(() => reading.batches.length === 2)
  live.complete()
  await reading.ended()
  const later = liveSource()
  const again = await fill(later, journaled(later, { directory }), ['b'], at(directory, 1, 1_000))
  assert.equal(again.batches.map(({ silentMillis, gap }) => silentMillis ?? gap?.fromMillis), [9_000, 1_000])
})

test('a pause or a new connection begins to count anew', async () => {
  const directory = temporaryFolder()
  const live = liveSource()
  const source = journaled(live, { directory })
  const reading = startReading(source)
  await live.connected()
  live.context().listening(true)
  live.batch({ records: [silent('a', 1, 0)] })
  await reading.until(() => reading.numbers.length === 1 && reading.listening.at(-1) === true)
  source.silent?.('p', 12_000)
  await reading.until(() => reading.batches.length === 2 && reading.listening.at(-1) === true)
  live.context().listening(false)
  source.silent?.('p', 99_000)
  live.context().listening(true)
  live.batch({ records: [silent('b', 2, 4_000)] })
  await reading.until(() => reading.numbers.length === 2)
  assert.equal((await dump(directory)).map((record) => (record._tag === 'Gap' ? 'gap' : record.silentMillis)), [0, 12_000, 4_000])
  reading.leave()
})

test.run()

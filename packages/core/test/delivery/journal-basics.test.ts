import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConnectorError, journaled, RefusedError } from '@millrace/core'
import { packRecords } from '@millrace/core/testing'
import { at, dump, dumpTexts, fill, frame, liveSource, segmentsIn, startReading, temporaryFolder } from './journal-support.js'

const test = suite('journaled')

test('what is received is in the file when next returns, and comes back with its number', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const reading = startReading(journaled(source, { directory }))
  await source.connected()
  source.give('first')
  const [segment = ''] = segmentsIn(directory)
  assert.ok(readFileSync(join(directory, segment), 'latin1').endsWith('first'))
  source.give('second', 'third')
  await reading.until(() => reading.texts.length === 3)
  assert.equal(reading.texts, ['first', 'second', 'third'])
  assert.equal(reading.numbers, [1, 2, 3])
  assert.is(reading.batches.at(-1)?.offset.number, 3)
  reading.leave()
  assert.is(source.open(), 0)
})

test('everything of a record is kept: position, times, failure, true length, empty and binary values', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const failure = { _tag: 'Cut', code: 'OutOfRange', message: 'too long', path: '/x', retryable: false } as const
  const reading = startReading(journaled(source, { directory }))
  await source.connected()
  const odd = [7, 'b', 2.5]
  source.batch({
    records: [
      { ...frame(Buffer.of(0, 255, 128), [3, 4], 5), silentMillis: 77 },
      { ...frame('', [3, 5], 6.5), failure: { ...failure, cause: new Error('not kept') }, bytes: 999 },
      { ...frame('x', [], 7), position: odd },
    ],
    gap: { fromMillis: 1, toMillis: 2, reason: 'closed (1006) – ü' },
  })
  source.batch({ records: { ...packRecords(['ab', 'cd'], { firstPosition: 10, receivedAtMillis: 8 }), silentMillis: Float64Array.of(0, 9), trueBytes: new Map([[1, 44]]) } })
  await reading.until(() => reading.texts.length === 5)
  reading.leave()
  const gap = { fromMillis: 1, toMillis: 2, reason: 'closed (1006) – ü' }
  assert.equal(reading.batches[0]?.gap, gap)
  assert.equal(reading.texts, ['\x00\xff\x80', '', 'x', 'ab', 'cd'])
  assert.equal(reading.numbers, [2, 3, 4, 5, 6])
  const packed = reading.batches[0]?.records
  assert.ok(packed && '_tag' in packed)
  assert.equal([...(packed.silentMillis ?? [])].slice(0, 3), [77, 0, 0])
  assert.equal([...(packed.receivedAtMillis as Float64Array)].slice(0, 3), [5, 6.5, 7])
  assert.equal(packed.failures?.get(1), failure)
  assert.is(packed.trueBytes?.get(1), 999)
  const common = { _tag: 'Frame', silentMillis: 0 }
  assert.equal(
    (await dump(directory)).map((record) => (record._tag === 'Frame' ? { ...record, value: record.value.toString('latin1') } : record)),
    [
      { _tag: 'Gap', number: 1, ...gap },
      { ...common, number: 2, receivedAtMillis: 5, silentMillis: 77, position: [3, 4], value: '\x00\xff\x80' },
      { ...common, number: 3, receivedAtMillis: 6.5, position: [3, 5], value: '', failure },
      { ...common, number: 4, receivedAtMillis: 7, position: odd, value: 'x' },
      { ...common, number: 5, receivedAtMillis: 8, position: [10], value: 'ab' },
      { ...common, number: 6, receivedAtMillis: 8, silentMillis: 9, position: [13], value: 'cd' },
    ],
  )
})

test('a gap may come without records, and two in a row are two', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const reading = startReading(journaled(source, { directory }))
  await source.connected()
  source.batch({ gap: { fromMillis: 1, toMillis: 2, reason: 'a' } })
  source.batch({ gap: { fromMillis: 3, toMillis: 4, reason: 'b' } })
  source.batch({})
  await reading.until(() => reading.batches.length === 2)
  assert.equal(reading.batches.map(({ gap, offset }) => [gap?.reason, offset]), [['a', at(directory, 1, 2)], ['b', at(directory, 2, 4)]])
  assert.equal(reading.texts, [])
  reading.leave()
})

test('started again it goes on where it was, after a gap from the last record to when it heard again', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory })
  const first = await fill(source, journal, ['a', 'b', 'c'])
  assert.equal(first.batches.flatMap(({ gap }) => gap ?? []), [])
  const second = startReading(journal, at(directory, 2))
  await source.connected()
  await second.until(() => second.texts.length === 1)
  assert.equal(await dumpTexts(directory), ['a', 'b', 'c'])
  source.context().listening(true)
  source.context().listening(false)
  source.context().listening(true)
  source.give('d')
  await second.until(() => second.texts.length === 2)
  assert.equal(second.texts, ['c', 'd'])
  assert.equal(second.numbers, [3, 5])
  assert.equal(second.batches.flatMap(({ gap }) => gap ?? []), [{ fromMillis: 1_003, toMillis: 50_000, reason: 'restarted' }])
  second.leave()
  await fill(source, journal, ['e'], at(directory, 5))
  assert.equal(await dumpTexts(directory), ['a', 'b', 'c', 'gap', 'd', 'gap', 'e'])
})

test('a gap that the source reports itself is the only one', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory })
  await fill(source, journal, ['a'])
  const reading = startReading(journal, at(directory, 1))
  await source.connected()
  source.batch({ records: [frame('b', [2, 1], 9_000)], gap: { fromMillis: 5, toMillis: 6, reason: 'own' } })
  source.context().listening(true)
  await reading.until(() => reading.texts.length === 1)
  reading.leave()
  assert.equal((await dump(directory)).flatMap((record) => (record._tag === 'Gap' ? record.reason : [])), ['own'])
})

test('a journal that has lost its end goes on behind what was processed', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  await fill(source, journaled(source, { directory }), ['a', 'b'])
  const reading = await fill(source, journaled(source, { directory }), ['c', 'd'], at(directory, 10, 30_000))
  assert.match(reading.said.join(), 'ends with record 2, but record 10 was processed')
  assert.equal(reading.numbers, [12, 13])
  // What was processed says more of when it was last heard than what is left.
  assert.equal(reading.batches[0]?.gap, { fromMillis: 30_000, toMillis: 50_000, reason: 'restarted' })
  const again = await fill(source, journaled(source, { directory }), [], at(directory, 12))
  assert.equal(again.texts, ['d'])
  assert.equal((await dump(directory)).map(({ number }) => number), [1, 2, 11, 12, 13])
})

test('sources that a journal cannot keep are refused', async () => {
  const source = liveSource()
  const two = { ...source, partitions: async () => [{ name: 'p' }, { name: 'q' }] }
  const reading = startReading(journaled(source, { directory: temporaryFolder() }))
  await source.connected()
  const context = source.context()
  const error = await journaled(two, { directory: 'x' }).partitions(context).catch((caught: unknown) => caught)
  assert.instance(error, ConnectorError)
  assert.match(String(error), /'live' has 2 partitions, and a journal is for exactly one/)
  assert.equal(await journaled(source, { directory: 'x' }).partitions(context), [{ name: 'p' }])
  source.batch({ records: [{ ...frame('a', [1], 1), attributes: { a: 'b' } }] })
  await reading.ended()
  assert.is(reading.error()?.code, 'Unimplemented')
  assert.match(reading.error()?.message ?? '', /record at \[1\] has attributes, which a journal does not keep/)
})

test('options out of range are refused by name, and constructing opens nothing', () => {
  const source = liveSource()
  const directory = join(temporaryFolder(), 'not made')
  journaled(source, { directory })
  assert.throws(() => segmentsIn(directory), /ENOENT/)
  assert.throws(() => journaled(source, { directory: '' }), /directory/)
  for (const maxBytes of [0, -1, 4_095, 5_000.5, Number.NaN, Infinity]) assert.throws(() => journaled(source, { directory, maxBytes }), /maxBytes is a whole number of bytes from 4096/)
  for (const segmentBytes of [0, 1_023, 25_001, Number.NaN]) {
    assert.throws(() => journaled(source, { directory, maxBytes: 100_000, segmentBytes }), /segmentBytes is a whole number of bytes from 1024 to a quarter of maxBytes, which is 25000/)
  }
})

test('a file that could not be read whole at the next start is refused', () => {
  const options = { directory: join(temporaryFolder(), 'not made'), maxBytes: 2 ** 40 }
  journaled(liveSource(), { ...options, segmentBytes: 2 ** 30 })
  assert.throws(() => journaled(liveSource(), { ...options, segmentBytes: 2 ** 30 + 1 }), /segmentBytes is a whole number of bytes from 1024 to 1073741824 \(1 GiB\), not 1073741825/)
  assert.throws(() => journaled(liveSource(), { ...options, segmentBytes: 3 * 2 ** 30 }), (error: unknown) => error instanceof RangeError)
})

test('a second owner is refused, and a read that follows at once is not', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory })
  for (let i = 0; i < 5; i++) {
    const reading = startReading(journal)
    if (i % 2 === 0) await source.connected()
    reading.leave()
  }
  const owner = startReading(journal)
  await source.connected()
  const second = startReading(journal)
  await second.ended()
  assert.instance(second.error(), RefusedError)
  assert.is(second.error()?._tag, 'JournalInUse')
  assert.match(second.error()?.message ?? '', new RegExp(`The journal in ${directory} is used by this process \\(PID ${process.pid}\\).*End the other run first, or give this run another directory`))
  source.give('a')
  await owner.until(() => owner.texts.length === 1)
  owner.leave()
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journaled } from '@millrace/core'
import { at, dumpTexts, fill, frame, liveSource, segmentsIn, startReading, temporaryFolder } from './journal-support.js'

const test = suite('journaled, how it flows')
const text = (i: number): string => `${i} ${'x'.repeat(200)}`
const small = { maxBytes: 8_192, segmentBytes: 1_024 }

test('the source is paused when more than the limit lies ahead, and goes on at three quarters', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory, ...small })
  const reading = startReading(journal)
  await source.connected()
  const paused: boolean[] = []
  source.context().credit.paused$.subscribe((is) => paused.push(is))
  let given = 2
  source.give(text(0), text(1))
  // A batch of its own: up to its end can be settled.
  await reading.until(() => reading.texts.length === 2)
  while (paused.at(-1) !== true) source.give(text(given++))
  assert.ok(given >= 30 && given < 36, `${given} records of about 250 bytes`)
  assert.match(reading.said.join(), /is full \(8\d\d\d bytes ahead of the last checkpoint\): source 'live' is paused/)
  let ready = false
  const waiting = source.context().credit.ready().then(() => (ready = true))
  // One that is on its way is kept all the same.
  source.give(text(given++))
  await reading.until(() => reading.texts.length === given)
  assert.equal(paused, [false, true])
  await journal.settle?.('p', at(directory, 2))
  assert.equal(paused, [false, true])
  assert.not(ready)
  await journal.settle?.('p', at(directory, 20))
  assert.equal(paused, [false, true, false])
  await waiting
  assert.match(reading.said.join(), 'has room again')
  reading.leave()
})

test('a full journal is full after a restart too', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  await fill(source, journaled(source, { directory }), Array.from({ length: 50 }, (_, i) => text(i)))
  const journal = journaled(source, { directory, ...small })
  const reading = startReading(journal, at(directory, 1))
  await source.connected()
  const paused: boolean[] = []
  source.context().credit.paused$.subscribe((is) => paused.push(is))
  await reading.until(() => reading.texts.length === 49)
  assert.equal(paused, [true])
  await journal.settle?.('p', at(directory, 50))
  assert.equal(paused, [true, false])
  reading.leave()
})

test('whole segments behind what is settled are removed, never the last one, and never with keep', async () => {
  for (const keep of [false, true]) {
    const directory = temporaryFolder()
    const source = liveSource()
    const journal = journaled(source, { directory, maxBytes: 1_048_576, segmentBytes: 1_024, keep })
    const reading = startReading(journal)
    await source.connected()
    for (let i = 1; i <= 40; i++) source.give(text(i))
    await reading.until(() => reading.texts.length === 40)
    const all = segmentsIn(directory)
    assert.is(all.length, 14)
    await journal.settle?.('p', at(directory, 8))
    assert.equal(segmentsIn(directory), keep ? all : all.slice(2))
    await journal.settle?.('p', at(directory, 3))
    await journal.settle?.('p', at(directory, 9))
    assert.equal(segmentsIn(directory), keep ? all : all.slice(3))
    await journal.settle?.('p', at(directory, 1_000_000))
    assert.equal(segmentsIn(directory), keep ? all : all.slice(-1))
    source.give('more')
    await reading.until(() => reading.texts.length === 41)
    reading.leave()
    const again = await fill(source, journal, [], at(directory, 40))
    assert.equal(again.texts, ['more'])
    const old = startReading(journal, at(directory, 4))
    if (keep) await old.until(() => old.texts.length === 37)
    else {
      await old.ended()
      assert.is(old.error()?.code, 'DataLoss')
      assert.match(old.error()?.message ?? '', /does not hold its records 5 to 39, which have not been processed/)
    }
    old.leave()
  }
})

test('what was not given is not removed, whatever is settled', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory, maxBytes: 1_048_576, segmentBytes: 1_024 })
  const reading = startReading(journal, undefined, 0)
  await source.connected()
  for (let i = 1; i <= 40; i++) source.give(text(i))
  await journal.settle?.('p', at(directory, 40))
  reading.credit.grant(Infinity)
  await reading.until(() => reading.texts.length === 40)
  reading.leave()
})

test('settled after the end, it is trimmed as well; settled before there is anything, nothing happens', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory, maxBytes: 1_048_576, segmentBytes: 1_024 })
  await journaled(source, { directory: `${directory}/none` }).settle?.('p', { journal: '0123456789abcdef', number: 3, receivedAtMillis: 5 })
  assert.equal(segmentsIn(directory), [])
  await fill(source, journal, Array.from({ length: 40 }, (_, i) => text(i)))
  const settling = journal.settle?.('p', at(directory, 40))
  // A read that begins meanwhile waits for it.
  assert.equal((await fill(source, journal, ['x'], at(directory, 40))).texts, ['x'])
  await settling
  assert.is(segmentsIn(directory).length, 1)
})

test('reading waits for credit; appending does not', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const reading = startReading(journaled(source, { directory }), undefined, 1)
  await source.connected()
  source.give('a')
  await reading.until(() => reading.texts.length === 1)
  for (let i = 0; i < 2_000; i++) source.give(String(i))
  assert.is((await dumpTexts(directory)).length, 2_001)
  assert.is(reading.texts.length, 1)
  reading.credit.grant(1)
  await reading.until(() => reading.texts.length > 1)
  assert.ok(reading.texts.length <= 1_024, String(reading.texts.length))
  reading.leave()
})

test('it listens only while the source does and everything is given', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const reading = startReading(journaled(source, { directory }), undefined, 1)
  await source.connected()
  source.give('a')
  await reading.until(() => reading.listening.length === 4)
  assert.equal(reading.listening, [false, true, false, true])
  source.give('b')
  source.context().listening(false)
  source.context().listening(true)
  assert.equal(reading.listening.slice(4), [false])
  reading.credit.grant(1)
  await reading.until(() => reading.listening.length === 6)
  source.context().listening(false)
  source.give('c')
  reading.credit.grant(1)
  await reading.until(() => reading.texts.length === 3)
  assert.equal(reading.listening.slice(4), [false, true, false])
  source.context().listening(true)
  await reading.until(() => reading.listening.length === 8)
  reading.leave()
  await reading.until(() => reading.listening.length === 9)
  assert.is(reading.listening.at(-1), false)
})

test('a record that lies outside of its buffer is refused: no other memory gets into the journal', async () => {
  const source = liveSource()
  const directory = temporaryFolder()
  const reading = startReading(journaled(source, { directory }))
  await source.connected()
  const records = { _tag: 'Packed', count: 1, buffer: Buffer.from('abc'), starts: Uint32Array.of(1), ends: Uint32Array.of(9), positions: Float64Array.of(4), receivedAtMillis: 1 } as const
  source.batch({ records })
  await reading.ended()
  assert.match(reading.error()?.message ?? '', /record at \[4\] lies from byte 1 to 9 of a buffer of 3/)
  assert.equal(segmentsIn(directory), [])
})

test('batches are cut by count and size; a large record is one of its own', async () => {
  const source = liveSource()
  const reading = startReading(journaled(source, { directory: temporaryFolder(), maxBytes: 2 ** 26 }))
  await source.connected()
  const large = Buffer.alloc(5_000_000, 'L')
  source.batch({ records: [...Array.from({ length: 3_000 }, (_, i) => frame(String(i), [1, i], 5)), frame(large, [1, 3_000], 6), frame('last', [1, 3_001], 7)] })
  await reading.until(() => reading.texts.length === 3_002)
  assert.equal(reading.texts.slice(0, 3_000), Array.from({ length: 3_000 }, (_, i) => String(i)))
  assert.is(reading.texts[3_000]?.length, 5_000_000)
  assert.is(reading.texts[3_001], 'last')
  for (const { records } of reading.batches) {
    assert.ok('_tag' in records && records.count <= 512, 'too many records')
    assert.ok('_tag' in records && (records.count === 1 || records.buffer.length <= 131_072), 'too many bytes')
  }
  reading.leave()
})

test.run()

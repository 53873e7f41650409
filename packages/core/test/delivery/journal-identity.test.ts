import { cpSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journaled, packData, RefusedError, unpackData, type JournalOffset } from '@millrace/core'
import { at, dump, dumpTexts, fill, idIn, liveSource, segmentsIn, startReading, temporaryFolder, type LiveSource, type Reading } from './journal-support.js'

const test = suite('journaled, whose it is')

const small = { maxBytes: 1_048_576, segmentBytes: 1_024 }
const texts = (count: number, mark: string): readonly string[] => Array.from({ length: count }, (_, i) => `${mark}${i + 1} ${'x'.repeat(200)}`)

const filled = async (count: number, mark: string): Promise<string> => {
  const directory = temporaryFolder()
  const source = liveSource()
  await fill(source, journaled(source, { directory, ...small }), texts(count, mark))
  return directory
}

/** Bytes by name, but for the lock. */
const contents = (directory: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(directory).filter((name) => name.endsWith('.journal')).map((name) => [name, readFileSync(join(directory, name), 'latin1')]))

const begin = async (source: LiveSource, directory: string, after?: JournalOffset): Promise<Reading> => {
  const reading = startReading(journaled(source, { directory, ...small }), after)
  await Promise.race([source.connected(), reading.ended()])
  return reading
}

test('the directory of another run is refused, naming it, both journals and the remedy; nothing in it is changed', async () => {
  const [mine, other] = [await filled(20, 'mine'), await filled(20, 'other')]
  const last = join(other, segmentsIn(other).at(-1) ?? '')
  // Not even a torn end is mended: it is not this run's.
  truncateSync(last, readFileSync(last).length - 3)
  const before = contents(other)
  for (const number of [0, 3, 19, 20, 500]) {
    const source = liveSource()
    const reading = await begin(source, other, at(mine, number))
    assert.instance(reading.error(), RefusedError)
    assert.is(reading.error()?._tag, 'OtherJournal')
    const message = reading.error()?.message ?? ''
    for (const part of [other, idIn(other), idIn(mine), 'Give this run the directory that belongs to its checkpoint; or an empty one']) assert.ok(message.includes(part), message)
    assert.is(source.open(), 0)
    assert.equal(reading.texts, [])
    await journaled(source, { directory: other, ...small }).settle?.('p', at(mine, number))
    assert.equal(contents(other), before)
  }
  const reading = await begin(liveSource(), other, at(other, 3))
  await reading.until(() => reading.texts.length === 16)
  reading.leave()
})

test('what is settled of another journal removes nothing, also while this one is read', async () => {
  const directory = await filled(20, 'a')
  const source = liveSource()
  const journal = journaled(source, { directory, ...small })
  const reading = startReading(journal)
  await reading.until(() => reading.texts.length === 20)
  const before = segmentsIn(directory)
  const elsewhere = { ...at(directory, 20), journal: '0123456789abcdef' }
  await journal.settle?.('p', elsewhere)
  assert.equal(segmentsIn(directory), before)
  await journal.settle?.('p', at(directory, 10))
  assert.ok(segmentsIn(directory).length < before.length)
  reading.leave()
})

test('an id is of one directory, and outlives restarts and trimming', async () => {
  const directory = await filled(20, 'a')
  const id = idIn(directory)
  assert.match(id, /^[0-9a-f]{16}$/)
  assert.is.not(idIn(await filled(1, 'a')), id)
  const source = liveSource()
  const journal = journaled(source, { directory, ...small })
  await fill(source, journal, texts(20, 'b'), at(directory, 12))
  await journal.settle?.('p', at(directory, 41))
  assert.is(segmentsIn(directory).length, 1)
  const reading = await fill(source, journal, texts(20, 'c'), at(directory, 41))
  assert.is(idIn(directory), id)
  assert.ok(reading.batches.every(({ offset }) => offset.journal === id))
})

test('a journal that was removed goes on as another one: its numbers go on, after a gap from what was processed last', async () => {
  const old = await filled(9, 'a')
  const after = at(old, 7, 33_000)
  const directory = join(temporaryFolder(), 'new', 'place')
  const source = liveSource()
  const first = await begin(source, directory, after)
  source.give('x', 'y')
  await first.until(() => first.texts.length === 2)
  first.leave()
  assert.equal(first.batches[0]?.gap, { fromMillis: 33_000, toMillis: 50_000, reason: 'restarted' })
  assert.equal(first.numbers, [9, 10])
  assert.ok(first.said.join().includes(`there is no journal in ${directory}, but record 7 of the journal ${idIn(old)} was processed`), first.said.join())
  assert.is.not(idIn(directory), idIn(old))
  // No checkpoint names it yet: the one of the old journal still leads to all of it.
  const second = await begin(source, directory, after)
  assert.is(second.state(), 'open', String(second.error()))
  await second.until(() => second.texts.length === 2)
  assert.equal(second.texts, ['x', 'y'])
  source.give('z')
  await second.until(() => second.texts.length === 3)
  second.leave()
  for (const number of [5, 8, 10]) {
    const other = await begin(source, directory, at(old, number))
    assert.is(other.error()?._tag, 'OtherJournal', `after ${number}`)
  }
  assert.equal((await fill(source, journaled(source, { directory }), [], at(directory, 9))).texts, ['y', 'z'])
  // The old one is another journal from now on, though it has records of those numbers.
  assert.is((await begin(source, old, at(directory, 9))).error()?._tag, 'OtherJournal')
})

test('lost before anything was received, or lost twice, it goes on as well', async () => {
  const after = at(await filled(9, 'a'), 7, 33_000)
  const directory = temporaryFolder()
  for (let life = 0; life < 3; life++) {
    const source = liveSource()
    const reading = await begin(source, directory, after)
    reading.leave()
    assert.equal(segmentsIn(directory), [])
  }
  for (let life = 0; life < 2; life++) {
    const source = liveSource()
    const reading = await fill(source, journaled(source, { directory }), ['x'], after)
    assert.equal(reading.numbers, [9])
    // Torn in its first append: nothing of it was received.
    if (life === 0) truncateSync(join(directory, segmentsIn(directory)[0] ?? ''), 90)
    const again = await fill(source, journaled(source, { directory }), ['y'], after)
    assert.equal(again.texts, life === 0 ? ['y'] : ['x', 'y'])
    assert.is(again.batches[0]?.gap?.fromMillis, 33_000)
    for (const name of segmentsIn(directory)) rmSync(join(directory, name))
  }
})

test('files of two journals in one directory are damage, named', async () => {
  const [one, two] = [await filled(20, 'a'), await filled(20, 'a')]
  const names = segmentsIn(one)
  assert.ok(names.length > 4)
  for (const name of [names[0], names[2], names.at(-1)].map(String)) {
    const mixed = temporaryFolder()
    cpSync(one, mixed, { recursive: true })
    cpSync(join(two, name), join(mixed, name))
    const source = liveSource()
    const reading = await begin(source, mixed)
    const isSeenLater = name === names[2]
    assert.is(source.open() > 0, isSeenLater, name)
    if (isSeenLater) source.complete()
    await reading.ended()
    assert.is(reading.error()?.code, 'DataLoss', name)
    assert.match(reading.error()?.message ?? '', /byte 0: this is of the journal [0-9a-f]{16}, and .* of .*[0-9a-f]{16}/)
    assert.is(await dump(mixed).then(() => 'read', (error: Error) => error.name), 'CorruptJournal', name)
  }
  assert.is((await dumpTexts(one)).length, 20)
})

test('an offset comes back from a checkpoint; anything else is none', () => {
  const { offset: codec } = journaled(liveSource(), { directory: 'x' })
  for (const receivedAtMillis of [1.5, Number.NaN]) {
    const offset = { journal: '0123456789abcdef', number: 2 ** 40, receivedAtMillis }
    const decoded = codec.decode(unpackData(packData(codec.encode(offset))))
    assert.ok(isRight(decoded))
    assert.equal(decoded.right, offset)
  }
  const good = { journal: '0123456789abcdef', number: 1, receivedAtMillis: 1 }
  for (const bad of [7, null, 'x', {}, { ...good, journal: '0' }, { ...good, journal: '../3456789abcdef' }, { ...good, number: -1 }, { ...good, number: 1.5 }, { ...good, number: 2 ** 53 }, { ...good, receivedAtMillis: '1' }]) {
    assert.not(isRight(codec.decode(bad)), JSON.stringify(bad))
  }
})

test.run()

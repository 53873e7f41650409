import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journaled, silentLogger } from '@millrace/core'
import { openJournal } from '#src/delivery/journal/open-journal.js'
import { dumpTexts, fill, liveSource, segmentsIn, startReading, temporaryFolder, type Reading } from './journal-support.js'

const test = suite('journaled, torn and damaged')

const values = ['first', '', 'third {"a":1}', Buffer.of(0, 1, 2, 255)]
const texts = values.map((value) => Buffer.from(value).toString('latin1'))

const written = async (): Promise<string> => {
  const directory = temporaryFolder()
  const source = liveSource()
  await fill(source, journaled(source, { directory }), values)
  return directory
}

const onlySegment = (directory: string): string => join(directory, segmentsIn(directory)[0] ?? '')

const copyOf = (directory: string): string => {
  const copy = temporaryFolder()
  cpSync(directory, copy, { recursive: true })
  return copy
}

/** Where each record begins, and the last one ends. */
const ends = async (directory: string): Promise<readonly number[]> => {
  const bytes = readFileSync(onlySegment(directory))
  const found = [0]
  for (let at = 0; at < bytes.length; ) {
    at += 12 + bytes.readUInt32LE(at)
    found.push(at)
  }
  return found
}

const failureOf = (run: Promise<unknown>): Promise<ReturnType<Reading['error']>> => run.then(() => undefined, (error: Error) => error)

const reopened = async (directory: string, ...more: readonly string[]): Promise<Reading> => {
  const source = liveSource()
  const journal = journaled(source, { directory })
  const reading = startReading(journal)
  await Promise.race([source.connected(), reading.ended()])
  if (reading.state() !== 'open') return reading
  for (const value of more) source.give(value)
  source.complete()
  await reading.ended()
  return reading
}

test('cut at any byte, the journal holds every record that is whole, says what it cut, and goes on', async () => {
  const directory = await written()
  const places = await ends(directory)
  const size = places.at(-1) ?? 0
  assert.is(statSync(onlySegment(directory)).size, size)
  for (let length = 0; length < size; length++) {
    const copy = copyOf(directory)
    truncateSync(onlySegment(copy), length)
    const whole = Math.max(0, places.filter((place) => place <= length).length - 2)
    assert.equal(await dumpTexts(copy), texts.slice(0, whole), `dump of ${length} bytes`)
    const reading = await reopened(copy, 'more')
    assert.equal(reading.texts, [...texts.slice(0, whole), 'more'], `cut to ${length} bytes`)
    const torn = !places.includes(length) || length === 0
    assert.is(reading.said.filter((said) => said.includes('torn by a crash')).length, torn ? 1 : 0, `cut to ${length}: ${reading.said.join()}`)
    assert.is(reading.state(), 'completed')
    if (length % 40 === 0) assert.equal((await reopened(copy)).texts, reading.texts)
    rmSync(copy, { recursive: true })
  }
})

test('a last record of other bytes, and zeros behind the last one, are a torn end too', async () => {
  const directory = await written()
  const places = await ends(directory)
  const zeroed = copyOf(directory)
  writeFileSync(onlySegment(zeroed), Buffer.concat([readFileSync(onlySegment(zeroed)), Buffer.alloc(5_000)]))
  const other = copyOf(directory)
  const bytes = readFileSync(onlySegment(other))
  bytes.fill(0, (places.at(-2) ?? 0) + 12)
  writeFileSync(onlySegment(other), bytes)
  assert.equal((await reopened(zeroed, 'more')).texts, [...texts, 'more'])
  assert.equal((await reopened(other, 'more')).texts, [...texts.slice(0, -1), 'more'])
})

/** As `written`, and behind it one append of many records. */
const withLongAppend = async (): Promise<string> => {
  const directory = await written()
  const source = liveSource()
  const reading = startReading(journaled(source, { directory }))
  await source.connected()
  source.give(...Array.from({ length: 12 }, (_, i) => `${i} ${'x'.repeat(30)}`))
  source.complete()
  await reading.ended()
  return directory
}

test('zeros from any byte to the end of the file, as a power cut leaves them, are a torn end', async () => {
  const directory = await withLongAppend()
  const places = await ends(directory)
  const bytes = readFileSync(onlySegment(directory))
  const expected = await dumpTexts(directory)
  const copy = temporaryFolder()
  const path = join(copy, segmentsIn(directory)[0] ?? '')
  for (let from = 0; from < bytes.length; from++) {
    writeFileSync(path, Buffer.from(bytes).fill(0, from))
    // A record that ends in zeros anyway is as it was written.
    const isSame = (end: number): boolean => end <= from || bytes.subarray(from, end).every((byte) => byte === 0)
    const whole = Math.max(0, places.filter(isSame).length - 2)
    assert.equal(await dumpTexts(copy), expected.slice(0, whole), `zeros from byte ${from}`)
    if (from % 61 === 0) assert.equal((await reopened(copy, 'more')).texts, [...expected.slice(0, whole), 'more'].filter((text) => text !== 'gap'), `zeros from byte ${from}`)
    else assert.is((await openJournal(copy, undefined, silentLogger)).lastNumber, whole, `zeros from byte ${from}`)
    for (const name of segmentsIn(copy)) rmSync(join(copy, name))
  }
})

test('zeros with anything behind them are damage, and so is a wrong byte before the last record that has zeros behind it', async () => {
  const directory = await withLongAppend()
  const places = await ends(directory)
  const bytes = readFileSync(onlySegment(directory))
  const [begin = 0, middle = 0] = [places[6], places[8]]
  const hole = Buffer.from(bytes).fill(0, begin + 5, middle)
  const last = Buffer.from(bytes).fill(0, begin + 5)
  last[last.length - 1] = 1
  const before = Buffer.concat([bytes, Buffer.alloc(4_096)])
  before[begin + 20] = 77
  for (const [what, content] of Object.entries({ hole, last, before })) {
    const copy = copyOf(directory)
    writeFileSync(onlySegment(copy), content)
    assert.is((await reopened(copy)).error()?.code, 'DataLoss', what)
    assert.equal(readFileSync(onlySegment(copy)), content)
  }
})

test('any other byte that is not as it was written is named, and nothing is changed', async () => {
  const directory = await written()
  const places = await ends(directory)
  const lastRecord = places.at(-2) ?? 0
  for (let at = 0; at < lastRecord + 12; at++) {
    const copy = copyOf(directory)
    const bytes = readFileSync(onlySegment(copy))
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
    writeFileSync(onlySegment(copy), bytes)
    const error = at % 40 === 0 ? (await reopened(copy)).error() : await failureOf(openJournal(copy, undefined, silentLogger))
    const place = places.findLast((begin) => begin <= at) ?? 0
    assert.is(error?.code, 'DataLoss', `byte ${at}: ${error?.message}`)
    assert.match(error?.message ?? '', `${onlySegment(copy)}, byte ${place}:`)
    assert.is(await dumpTexts(copy).then(() => 'read', (error: Error) => error.name), 'CorruptJournal', `byte ${at}`)
    assert.equal(readFileSync(onlySegment(copy)), bytes)
    rmSync(copy, { recursive: true })
  }
})

test('records of another place, twice or left out, are damage', async () => {
  const directory = await written()
  const places = await ends(directory)
  const bytes = readFileSync(onlySegment(directory))
  const part = (i: number): Buffer => bytes.subarray(places[i], places[i + 1])
  const wrongOrders = [[0, 2, 1, 3, 4], [0, 1, 1, 2, 3, 4], [0, 2, 3, 4], [1, 2, 3, 4], [0, 1, 3, 4]]
  for (const order of wrongOrders) {
    const copy = copyOf(directory)
    writeFileSync(onlySegment(copy), Buffer.concat(order.map(part)))
    assert.is((await reopened(copy)).error()?.code, 'DataLoss', order.join())
  }
})

test('a value that looks like records is a value, also when it is torn behind them', async () => {
  const directory = await written()
  const bytes = readFileSync(onlySegment(directory))
  const places = await ends(directory)
  const source = liveSource()
  const evil = temporaryFolder()
  // Its own first record would be the very one that it holds.
  const embedded = Buffer.concat([bytes.subarray(places[1]), Buffer.alloc(100, 'x')])
  await fill(source, journaled(source, { directory: evil }), [embedded])
  truncateSync(onlySegment(evil), statSync(onlySegment(evil)).size - 50)
  const reading = await reopened(evil, 'more')
  assert.equal(reading.texts, ['more'])
})

const manySegments = async (): Promise<string> => {
  const directory = temporaryFolder()
  const source = liveSource()
  await fill(source, journaled(source, { directory, maxBytes: 4_096 * 64, segmentBytes: 1_024 }), Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(100)}`))
  return directory
}

test('a segment that is missing, torn or damaged before the last one is named', async () => {
  const directory = await manySegments()
  const names = segmentsIn(directory)
  assert.ok(names.length > 8)
  const [first = '', second = '', third = ''] = names
  const missing = copyOf(directory)
  rmSync(join(missing, second))
  const error = (await reopened(missing)).error()
  assert.is(error?.code, 'DataLoss')
  assert.match(error?.message ?? '', /does not hold its records 7 to 12/)
  assert.is(await dumpTexts(missing).then(() => 'read', (caught: Error) => caught.name), 'CorruptJournal')
  const torn = copyOf(directory)
  truncateSync(join(torn, third), 500)
  assert.match((await reopened(torn)).error()?.message ?? '', new RegExp(`${join(torn, third)}, byte \\d+: this is not record \\d+`))
  const damaged = copyOf(directory)
  const bytes = readFileSync(join(damaged, first))
  bytes[700] = (bytes[700] ?? 0) ^ 1
  writeFileSync(join(damaged, first), bytes)
  const reading = await reopened(damaged)
  assert.match(reading.error()?.message ?? '', `${join(damaged, first)}, byte`)
  // What lies before it is whole, and may have been given.
  assert.ok(reading.texts.length <= 4, reading.texts.join())
})

test('a segment that a crash left empty or half begun is begun again', async () => {
  const directory = await manySegments()
  const expected = await dumpTexts(directory)
  const names = segmentsIn(directory)
  const next = `records-${String(expected.length + 1).padStart(16, '0')}.journal`
  const begin = readFileSync(join(directory, names[1] ?? '')).subarray(0, 30)
  for (const content of [Buffer.alloc(0), begin.subarray(0, 11), Buffer.alloc(50)]) {
    const copy = copyOf(directory)
    writeFileSync(join(copy, next), content)
    assert.equal((await dumpTexts(copy)).length, 60)
    const reading = await reopened(copy, 'more')
    assert.equal(reading.texts, [...expected, 'more'])
    assert.match(reading.said.join(), 'torn by a crash')
  }
})

test('the only segment, torn to nothing after all before it was removed, leaves the numbers as they were', async () => {
  for (const after of [undefined, 60, 3]) {
    const directory = temporaryFolder()
    writeFileSync(join(directory, 'records-0000000000000061.journal'), Buffer.alloc(20))
    const source = liveSource()
    const reading = startReading(journaled(source, { directory }), after === undefined ? after : { journal: '0123456789abcdef', number: after, receivedAtMillis: 5 })
    await Promise.race([source.connected(), reading.ended()])
    if (after === 3) assert.match(reading.error()?.message ?? '', /does not hold its records 4 to 60/)
    else {
      source.give('a')
      await reading.until(() => reading.texts.length === 1)
      assert.equal(reading.numbers, [62])
    }
    reading.leave()
  }
})

test('files of other programs and of later versions are refused, and left as they are', async () => {
  const directory = temporaryFolder()
  const file = join(directory, 'records-0000000000000001.journal')
  writeFileSync(join(directory, 'records-1.journal'), 'not one of ours')
  writeFileSync(file, 'something else that is longer than what a segment of ours begins with')
  const error = (await reopened(directory)).error()
  assert.match(error?.message ?? '', `${file}, byte 0: this is not the beginning of a journal`)
  assert.match(readFileSync(file, 'utf8'), /^something else/)
})

test.run()

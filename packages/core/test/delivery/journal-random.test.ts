import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journaled, type JournalOffset, type SourceRecord } from '@millrace/core'
import { packRecords, seededRandom } from '@millrace/core/testing'
import { at, dump, fill, frame, liveSource, startReading, temporaryFolder, type LiveSource } from './journal-support.js'

const test = suite('journaled, at random')

type Random = () => number
const below = (random: Random, most: number): number => Math.floor(random() * most)

const randomValue = (random: Random): Buffer => {
  const kind = below(random, 20)
  if (kind === 0) return Buffer.alloc(0)
  const length = kind === 1 ? 150_000 + below(random, 1_500_000) : below(random, kind < 5 ? 5_000 : 200)
  const value = Buffer.alloc(length)
  for (let i = 0; i < Math.min(length, 500); i++) value[i] = below(random, 256)
  return value
}

/** One batch of either form; answers what it gave. */
const giveSome = (source: LiveSource, random: Random, first: number): readonly Buffer[] => {
  const values = Array.from({ length: below(random, 30) }, () => randomValue(random))
  if (random() < 0.3) source.batch({ records: packRecords(values, { receivedAtMillis: first }) })
  else {
    const records = values.map((value, i): SourceRecord<Uint8Array> => ({ ...frame(value, [3, first + i], first + i), silentMillis: random() < 0.2 ? below(random, 100) : 0 }))
    source.batch({ records, ...(random() < 0.1 && { gap: { fromMillis: first, toMillis: first + 1, reason: `gap ${first}` } }) })
  }
  return values
}

const equalTo = (values: readonly Buffer[]): readonly string[] => values.map((value) => value.toString('latin1'))

/** Compared one by one: a difference of megabytes is not to be printed. */
const same = (actual: readonly string[], expected: readonly string[], what: string): void => {
  assert.is(actual.length, expected.length, what)
  for (const [i, text] of expected.entries()) assert.ok(actual[i] === text, `${what}: record ${i} of ${expected.length}, of ${text.length} bytes`)
}

test('whatever the records, batches and segments: what was given comes back, from any place, and after restarts', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed)
    const directory = temporaryFolder()
    const segmentBytes = 1_024 + below(random, 100_000)
    const source = liveSource()
    const journal = journaled(source, { directory, segmentBytes, maxBytes: 2 ** 30 })
    const given: Buffer[] = []
    for (let life = 0; life < 3; life++) {
      const reading = startReading(journal, undefined, random() < 0.5 ? below(random, 5) : Infinity)
      await source.connected()
      for (let i = 0; i < 12; i++) given.push(...giveSome(source, random, given.length))
      if (random() < 0.5) source.complete()
      reading.credit.grant(Infinity)
      await reading.until(() => reading.texts.length === given.length)
      reading.leave()
      same(reading.texts, equalTo(given), `seed ${seed}, life ${life}`)
      assert.ok(reading.numbers.every((number, i) => i === 0 || number > (reading.numbers[i - 1] ?? 0)))
    }
    const records = await dump(directory)
    same(records.flatMap((record) => (record._tag === 'Frame' ? record.value.toString('latin1') : [])), equalTo(given), `dump of seed ${seed}`)
    assert.equal(records.map(({ number }) => number), records.map((_, i) => i + 1))
    for (let i = 0; i < 4; i++) {
      const after = below(random, records.length + 1)
      const rest = records.filter(({ number, _tag }) => number > after && _tag === 'Frame').map(({ number }) => number)
      assert.equal((await fill(source, journal, [], at(directory, after))).numbers, rest, `seed ${seed}, after ${after}`)
    }
  }
})

test('started again after every record, it gives exactly the rest', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory, maxBytes: 65_536, segmentBytes: 1_024 })
  const values = Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(i * 3)}`)
  await fill(source, journal, values)
  for (let after = 0; after <= values.length; after++) {
    assert.equal((await fill(source, journal, [], at(directory, after))).texts, values.slice(after))
  }
})

test('settled and started again at random, nothing behind the checkpoint is lost', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seededRandom(seed)
    const directory = temporaryFolder()
    const source = liveSource()
    const journal = journaled(source, { directory, maxBytes: 8_192, segmentBytes: 1_024 })
    const given: string[] = []
    const processed: string[] = []
    let offset: JournalOffset | undefined
    for (let life = 0; life < 6; life++) {
      const reading = startReading(journal, offset)
      await source.connected()
      for (let i = below(random, 30); i > 0; i--) {
        given.push(`${life}/${i} ${'x'.repeat(below(random, 300))}`)
        source.give(given.at(-1) ?? '')
        if (random() < 0.2) await reading.until(() => processed.length + reading.texts.length === given.length)
        const seen = reading.batches.at(-1)?.offset ?? offset
        if (random() < 0.1 && seen !== undefined) await journal.settle?.('p', seen)
      }
      await reading.until(() => processed.length + reading.texts.length === given.length)
      // The checkpoint holds all but a few of the batches, then the process ends; what was settled is never beyond it.
      const last = reading.batches.at(-1)?.offset
      if (last !== undefined) {
        processed.push(...reading.texts)
        offset = last
        if (random() < 0.7) await journal.settle?.('p', last)
      }
      reading.leave()
    }
    assert.equal(processed, given, `seed ${seed}`)
  }
})

test('a dump may be taken at any time while it is written and trimmed', async () => {
  const directory = temporaryFolder()
  const source = liveSource()
  const journal = journaled(source, { directory, maxBytes: 65_536, segmentBytes: 2_048 })
  const reading = startReading(journal)
  await source.connected()
  for (let i = 1; i <= 150; i++) {
    source.give(...Array.from({ length: 5 }, (_, k) => `${i}/${k} ${'x'.repeat(i)}`))
    const dumping = dump(directory)
    await reading.until(() => reading.texts.length === i * 5)
    if (i % 4 === 0) await journal.settle?.('p', at(directory, i * 5 - 3))
    const numbers = (await dumping).map(({ number }) => number)
    assert.ok(numbers.length > 0)
    assert.equal(numbers, numbers.map((_, k) => (numbers[0] ?? 0) + k))
  }
  reading.leave()
})

test.run()

import { comparePositions } from '../../envelope.js'
import { leakedSince, openHandles } from '../open-handles.js'
import { copyData } from '../copy-data.js'
import { dataToJson } from '../json-data.js'
import { caseContext, finishReading, partitionNames, readRest, startReading } from './reading.js'
import { eachPartition, firstPartition, recordCount, seedTexts, standardSeed, textsOf, withFixture } from './seeds.js'
import { needsBounded, needsReplay, type SourceCase } from './source-case.js'

const opensNothing: SourceCase = {
  name: 'constructing a source, and calling read without subscribing, opens nothing',
  run: (assert, harness) =>
    withFixture(harness, standardSeed(harness), async (fixture) => {
      const names = await partitionNames(fixture.source())
      const before = openHandles()
      const source = fixture.source()
      for (const name of names) source.read(name, undefined, caseContext())
      assert.equal(await leakedSince(before, harness), [], 'it holds something open')
    }),
}

const stablePartitions: SourceCase = {
  name: 'partitions are the same on every call: order, names, fingerprints',
  run: (assert, harness) =>
    withFixture(harness, standardSeed(harness), async (fixture) => {
      const source = fixture.source()
      const first = await source.partitions(caseContext())
      const names = first.map((partition) => partition.name)
      assert.equal(await source.partitions(caseContext()), first, 'a second call of the same source gave others')
      assert.equal(await fixture.source().partitions(caseContext()), first, 'a new source on the same input gave others')
      assert.equal(new Set(names).size, names.length, `two partitions have one name: ${names.join(', ')}`)
      for (const { name, fingerprint = null } of first) {
        assert.equal(dataToJson(copyData(fingerprint)), dataToJson(fingerprint), `the fingerprint of ${name} is not Data`)
      }
    }),
}

const readsAll: SourceCase = {
  name: 'reads every record once, in order',
  run: (assert, harness) =>
    withFixture(harness, standardSeed(harness), async (fixture) => {
      const source = fixture.source()
      const read: (readonly string[])[] = []
      for (const name of await partitionNames(source)) {
        const reading = await readRest(source, harness, name, undefined, recordCount(harness))
        read.push(textsOf(harness, reading.records))
      }
      const seeded = standardSeed(harness).map(seedTexts)
      const key = (texts: readonly string[]): string => texts[0] ?? ''
      const sorted = read.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
      assert.equal(sorted, seeded, 'what was read is not what was seeded')
    }),
}

const ascendingPositions: SourceCase = {
  name: 'positions are unique and strictly ascending within a partition',
  run: (assert, harness) =>
    eachPartition(harness, async (fixture, partition) => {
      const { records } = await readRest(fixture.source(), harness, partition, undefined, recordCount(harness))
      records.forEach(({ position }, index) => {
        const before = records[index - 1]?.position
        const ascends = before === undefined || comparePositions(before, position) < 0
        assert.ok(ascends, `record ${index} is at ${JSON.stringify(position)}, the one before at ${JSON.stringify(before)}`)
      })
    }),
}

const completes: SourceCase = {
  name: 'a bounded partition completes, also one without records',
  skip: needsBounded,
  run: (assert, harness) =>
    withFixture(harness, [...standardSeed(harness).slice(1), []], async (fixture) => {
      const source = fixture.source()
      for (const name of await partitionNames(source)) {
        const reading = startReading(source, name)
        await reading.until(() => reading.state() !== 'open')
        assert.equal(reading.state(), 'completed', `partition ${name}: ${String(reading.error())}`)
      }
    }),
}

const cold: SourceCase = {
  name: 'is cold: two subscriptions to one read each get everything',
  skip: needsReplay,
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const source = fixture.source()
      const count = recordCount(harness)
      const readings = [startReading(source, partition), startReading(source, partition)]
      const [first, second] = await Promise.all(readings.map((reading) => finishReading(reading, harness, count)))
      assert.equal(first?.records.length, count, 'the first subscription did not get every record')
      const texts = textsOf(harness, first?.records ?? [])
      assert.equal(textsOf(harness, second?.records ?? []), texts, 'the second subscription got others than the first')
    }),
}

const stableReceivedAt: SourceCase = {
  name: 'receivedAtMillis is the same when records are read again later',
  skip: needsReplay,
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const stamps = async (laterMillis: number): Promise<readonly number[]> => {
        const options = { laterMillis }
        const { records } = await readRest(fixture.source(), harness, partition, undefined, recordCount(harness), options)
        return records.map((record) => record.receivedAtMillis)
      }
      const hourMillis = 3_600_000
      assert.equal(await stamps(hourMillis), await stamps(0), 'they follow the clock instead of the record')
    }),
}

/** What a source reads, and in which form. */
export const readingCases: readonly SourceCase[] = [
  opensNothing,
  stablePartitions,
  readsAll,
  ascendingPositions,
  completes,
  cold,
  stableReceivedAt,
]

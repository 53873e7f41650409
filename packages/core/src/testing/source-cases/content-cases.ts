import type { SourceBatch } from '../../source.js'
import { isPacked } from '../flat-records.js'
import type { SeedPartition } from '../source-harness.js'
import { packedFaults } from './packed-rules.js'
import { readRest } from './reading.js'
import { eachPartition, firstPartition, recordCount, seedText, seedTexts, standardSeed, textsOf, whole } from './seeds.js'
import { needs, needsBounded, type SourceCase } from './source-case.js'

const packedRules: SourceCase = {
  name: 'packed records keep their rules: layout, positions, joinable',
  run: (assert, harness) =>
    eachPartition(harness, async (fixture, partition) => {
      const { batches } = await readRest(fixture.source(), harness, partition, undefined, recordCount(harness))
      batches.forEach(({ records }, index) => {
        const faults = isPacked(records) ? packedFaults(records) : []
        assert.equal(faults, [], `batch ${index} breaks the rules of PackedRecords`)
      })
    }),
}

/** A lone continuation byte, an overlong slash, a cut sequence, a surrogate in UTF-8, and what never occurs. */
const invalidUtf8 = [[0x80], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xff, 0xfe]]

const binaryRecord = (invalid: readonly number[], record: number): Uint8Array =>
  Buffer.concat([Buffer.from(`{"record":${record},"text":"`), Buffer.from(invalid), Buffer.from('"}')])

const binary: SourceCase = {
  name: 'bytes that are not UTF-8 come through unchanged',
  skip: ({ capabilities }) => (capabilities.binary === false ? 'records of this source are text' : undefined),
  run: (assert, harness) => {
    const seed = invalidUtf8.map((invalid, record) => whole(binaryRecord(invalid, record)))
    return firstPartition(harness, [seed], async (fixture, partition) => {
      const { records } = await readRest(fixture.source(), harness, partition, undefined, seed.length)
      assert.equal(textsOf(harness, records), seedTexts(seed), 'other bytes came than were seeded')
    })
  },
}

const brokenEvery = 7

const withBroken = (count: number): SeedPartition =>
  Array.from({ length: count }, (_, record) =>
    record % brokenEvery === 3 ? { _tag: 'Broken' } : whole(seedText(0, record)),
  )

const failures: SourceCase = {
  name: 'a record that cannot be given whole is a failure in its place, and its neighbours are whole',
  skip: needs('failures', 'the harness knows no record that the source cannot give whole'),
  run: (assert, harness) => {
    const seed = withBroken(recordCount(harness))
    return firstPartition(harness, [seed], async (fixture, partition) => {
      const { records } = await readRest(fixture.source(), harness, partition, undefined, seed.length)
      const tags = records.map((record) => (record.failure ? 'Broken' : 'Whole'))
      assert.equal(tags, seed.map((record) => record._tag), 'failures are not where broken records were seeded')
      const sound = records.filter((record) => record.failure === undefined)
      assert.equal(textsOf(harness, sound), seedTexts(seed), 'neighbours of broken records are not what was seeded')
      for (const { failure, position } of records) {
        const speaks = failure === undefined || (failure.message.length > 0 && failure._tag.length > 0)
        assert.ok(speaks, `the failure at ${JSON.stringify(position)} has no message or no tag`)
      }
    })
  },
}

const attributes: SourceCase = {
  name: 'attributes come through unchanged',
  skip: needs('attributes', 'records of this source have no attributes'),
  run: (assert, harness) => {
    const seed = Array.from({ length: 3 }, (_, record) => ({
      ...whole(seedText(0, record)),
      attributes: { record: String(record), text: 'Zürich ✓', empty: '' },
    }))
    return firstPartition(harness, [seed], async (fixture, partition) => {
      const { records } = await readRest(fixture.source(), harness, partition, undefined, seed.length)
      const expected = seed.map((record) => record.attributes)
      assert.equal(records.map((record) => ({ ...record.attributes })), expected, 'they are not what was seeded')
    })
  },
}

const trueLengths: SourceCase = {
  name: 'bytes is the length of the record as it was in the input',
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const { records } = await readRest(fixture.source(), harness, partition, undefined, recordCount(harness))
      const inBytes = records.filter((record) => record.value instanceof Uint8Array)
      const lengths = textsOf(harness, inBytes).map((text) => text.length)
      assert.equal(inBytes.map((record) => record.bytes), lengths, 'bytes does not say how long the records are')
    }),
}

const floors: SourceCase = {
  name: 'floorMillis never falls',
  run: (assert, harness) =>
    eachPartition(harness, async (fixture, partition) => {
      const { batches } = await readRest(fixture.source(), harness, partition, undefined, recordCount(harness))
      const given = batches.flatMap(({ floorMillis }) => (floorMillis === undefined ? [] : [floorMillis]))
      assert.equal(given, given.toSorted((a, b) => a - b), 'a later batch took back what an earlier one promised')
    }),
}

const digestsOf = (batches: readonly SourceBatch<unknown, unknown>[]): readonly (string | undefined)[] =>
  batches.map((batch) => batch.contentDigest)

const digests: SourceCase = {
  name: 'a content digest comes with the last batch, and is the same on every read, resumed or not',
  skip: needsBounded,
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const count = recordCount(harness)
      const { batches } = await readRest(fixture.source(), harness, partition, undefined, count)
      const expected = batches.at(-1)?.contentDigest
      assert.ok(digestsOf(batches).slice(0, -1).every((digest) => digest === undefined), 'it comes before the last batch')
      const resumed = harness.capabilities.replayable ? [undefined, batches[0]?.offset] : []
      for (const after of resumed) {
        const again = await readRest(fixture.source(), harness, partition, after, count)
        assert.equal(again.batches.at(-1)?.contentDigest, expected, 'another read of the same input gave another digest')
      }
    }),
}

/** What the records of a source hold. */
export const contentCases: readonly SourceCase[] = [
  packedRules,
  binary,
  failures,
  attributes,
  trueLengths,
  floors,
  digests,
]

import { isLeft } from 'fp-ts/lib/Either.js'
import type { Data } from '../../data.js'
import type { Source, SourceBatch } from '../../source.js'
import type { Traits } from '../../traits.js'
import { copyData } from '../copy-data.js'
import { flatRecords, type FlatRecord } from '../flat-records.js'
import { readRest, startReading } from './reading.js'
import { firstPartition, recordCount, standardSeed, textsOf } from './seeds.js'
import { needs, needsReplay, type AnySourceHarness, type SourceCase } from './source-case.js'

/** Offsets tried at most: the first, the last, and others evenly between. */
const mostOffsets = 20

const resumePoints = (batches: number): readonly number[] => {
  if (batches <= mostOffsets) return Array.from({ length: batches }, (_, index) => index)
  return Array.from({ length: mostOffsets }, (_, index) => Math.round((index * (batches - 1)) / (mostOffsets - 1)))
}

/** As a checkpoint does it. */
const throughCheckpoint = <O extends Data>(source: Source<unknown, O, Traits['reach']>, offset: O): O => {
  const decoded = source.offset.decode(copyData(source.offset.encode(offset)))
  if (isLeft(decoded)) throw new Error(`the offset ${JSON.stringify(offset)} does not decode from what it was encoded to`)
  return decoded.right
}

const recordsBehind = <A>(batches: readonly SourceBatch<A, unknown>[], index: number): readonly FlatRecord<A>[] =>
  batches.slice(index + 1).flatMap((batch) => flatRecords(batch))

const describe = (harness: AnySourceHarness, records: readonly FlatRecord<unknown>[]): readonly (readonly unknown[])[] => {
  const texts = textsOf(harness, records)
  return records.map(({ position, receivedAtMillis }, index) => [JSON.stringify(position), receivedAtMillis, texts[index]])
}

const tooFewBatches = 'the harness must make a source of small batches: all records came in one, so nothing can be resumed'

const resumesExactly: SourceCase = {
  name: 'a new source resumed after any batch gives exactly the rest',
  skip: needsReplay,
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const { batches } = await readRest(fixture.source(), harness, partition, undefined, recordCount(harness))
      assert.ok(batches.length > 1, tooFewBatches)
      for (const index of resumePoints(batches.length)) {
        const expected = recordsBehind(batches, index)
        if (expected.length === 0 && !harness.capabilities.bounded) continue
        const source = fixture.source()
        const offset = throughCheckpoint(source, batches[index]?.offset)
        const { records } = await readRest(source, harness, partition, offset, expected.length)
        const place = `after batch ${index} of ${batches.length}`
        assert.equal(describe(harness, records), describe(harness, expected), `resumed ${place}, it did not give the rest`)
      }
    }),
}

/** Bytes are Data, but not JSON. */
const fromJson = (data: Data): Data => JSON.parse(JSON.stringify(data))

const offsetsSurvive: SourceCase = {
  name: 'offsets survive their codec, MessagePack and JSON',
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const source = fixture.source()
      const { batches } = await readRest(source, harness, partition, undefined, recordCount(harness))
      for (const { offset } of batches) {
        assert.ok(source.offset.is(offset), `the codec does not know ${JSON.stringify(offset)} as an offset`)
        const encoded = source.offset.encode(offset)
        assert.equal(fromJson(encoded), encoded, 'the encoded offset is not the same after JSON')
        assert.equal(copyData(encoded), encoded, 'the encoded offset is not Data')
        const again = source.offset.encode(throughCheckpoint(source, offset))
        assert.equal(again, encoded, 'the offset is not the same after its codec')
      }
      const nonsense: Data = { 'not an offset': [Number.NaN, 'x'] }
      assert.ok(isLeft(source.offset.decode(nonsense)), 'the codec decodes what is no offset')
    }),
}

const settleIdempotent: SourceCase = {
  name: 'settle may be repeated, and come late',
  skip: needs('acknowledges', 'the source does not acknowledge'),
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const source = fixture.source()
      assert.ok(source.settle !== undefined, 'it declares that it acknowledges, and has no settle')
      const reading = startReading(source, partition)
      await reading.until(() => reading.batches.length > 1 || reading.state() !== 'open')
      const [first, second] = reading.batches
      assert.ok(first && second, tooFewBatches)
      for (const batch of [second, second, first]) await source.settle?.(partition, batch?.offset)
      reading.stop()
    }),
}

const settledIsGone: SourceCase = {
  name: 'what was settled does not come again, and what was not does',
  skip: (harness) =>
    needs('acknowledges', 'the source does not acknowledge')(harness) ??
    (harness.capabilities.replayable ? 'the source is replayable: offsets decide, not acknowledgements' : undefined),
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const source = fixture.source()
      const count = recordCount(harness)
      const reading = startReading(source, partition)
      await reading.until(() => reading.records.length >= count || reading.state() !== 'open')
      assert.ok(reading.batches.length > 1, tooFewBatches)
      const middle = Math.floor((reading.batches.length - 1) / 2)
      await source.settle?.(partition, reading.batches[middle]?.offset)
      reading.stop()
      const expected = textsOf(harness, recordsBehind(reading.batches, middle)).toSorted()
      const { records } = await readRest(fixture.source(), harness, partition, undefined, expected.length)
      assert.equal(textsOf(harness, records).toSorted(), expected, 'not exactly what was not settled came again')
    }),
}

/** Where a source goes on after a stop. */
export const resumeCases: readonly SourceCase[] = [resumesExactly, offsetsSurvive, settleIdempotent, settledIsGone]

import { ConnectorError, type ErrorCode } from '../../failure.js'
import { systemClock } from '../../time/system.js'
import { leakedSince, openHandles } from '../open-handles.js'
import type { AnySourceHarness, SourceCase } from './source-case.js'
import { caseContext, partitionNames, readRest, startReading, type Reading } from './reading.js'
import { eachPartition, firstPartition, recordCount, standardSeed, textsOf, withFixture } from './seeds.js'

const defaultQuietMillis = 50

const quiet = (harness: AnySourceHarness): Promise<void> => systemClock.sleep(harness.quietMillis ?? defaultQuietMillis)

const credited: SourceCase = {
  name: 'holds to its credit: never more than that plus one batch',
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const reading = startReading(fixture.source(), partition, undefined, { credit: 0 })
      const steps = 3
      for (let granted = 0; granted <= steps; granted++) {
        await quiet(harness)
        const given = reading.batches.length
        assert.ok(given <= granted + 1, `with credit for ${granted} batches it gave ${given}`)
        reading.context.credit.grant(1)
      }
      reading.context.credit.grant(Infinity)
      await reading.until(() => reading.state() !== 'open' || reading.records.length >= recordCount(harness))
      reading.stop()
      assert.equal(reading.records.length, recordCount(harness), 'with credit again, it did not give every record')
    }),
}

const ended = (reading: Reading<unknown, unknown>): boolean => reading.state() !== 'open'

const abortsWhileWaiting: SourceCase = {
  name: 'aborted while it waits for credit, it errors at once and gives nothing more',
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const before = openHandles()
      const reading = startReading(fixture.source(), partition, undefined, { credit: 0 })
      await quiet(harness)
      const given = reading.batches.length
      reading.context.controller.abort(new Error('aborted by the suite'))
      await reading.until(() => ended(reading))
      if (harness.capabilities.bounded) {
        assert.equal(reading.state(), 'errored', 'it completed, as if the partition had ended')
      }
      assert.equal(reading.batches.length, given, 'it gave a batch after it was aborted')
      assert.equal(await leakedSince(before, harness), [], 'it left something open')
    }),
}

const unsubscribed: SourceCase = {
  name: 'unsubscribed in mid-stream, it stops reading and leaves nothing open',
  run: (assert, harness) =>
    firstPartition(harness, standardSeed(harness), async (fixture, partition) => {
      const before = openHandles()
      const reading = startReading(fixture.source(), partition, undefined, { credit: 1 })
      await reading.until(() => reading.batches.length > 0 || ended(reading))
      reading.stop()
      const { credit } = reading.context
      const asked = credit.asked()
      credit.grant(Infinity)
      await quiet(harness)
      assert.ok(credit.asked() <= asked + 1, 'it went on reading after it was unsubscribed')
      assert.equal(await leakedSince(before, harness), [], 'it left something open')
    }),
}

const leavesNothing: SourceCase = {
  name: 'read to the end, it leaves nothing open',
  run: (assert, harness) =>
    withFixture(harness, standardSeed(harness), async (fixture) => {
      const before = openHandles()
      const source = fixture.source()
      for (const name of await partitionNames(source)) await readRest(source, harness, name, undefined, recordCount(harness))
      assert.equal(await leakedSince(before, harness), [], 'it left something open')
    }),
}

/** Codes that say what to do about an input that is not there. */
const expectedCodes: readonly ErrorCode[] = [
  'NotFound',
  'InvalidArgument',
  'FailedPrecondition',
  'PermissionDenied',
  'Unauthenticated',
]

/** What `partitions` rejects with, or else the first read that errors. */
const failureOf = async (source: ReturnType<Awaited<ReturnType<AnySourceHarness['open']>>['source']>): Promise<unknown> => {
  try {
    for (const { name } of await source.partitions(caseContext())) {
      const reading = startReading(source, name)
      await reading.until(() => ended(reading))
      if (reading.state() === 'errored') return reading.error()
    }
  } catch (error) {
    return error
  }
  return undefined
}

const missingInput: SourceCase = {
  name: 'an input that is missing is a classified error that names it',
  skip: (harness) => (harness.missing ? undefined : 'the harness has no input that could be missing'),
  run: async (assert, harness) => {
    const fixture = await harness.missing?.()
    if (fixture === undefined) return
    try {
      const error = await failureOf(fixture.source())
      assert.ok(error instanceof ConnectorError, `a ConnectorError was expected, this came: ${String(error)}`)
      if (!(error instanceof ConnectorError)) return
      assert.ok(expectedCodes.includes(error.code), `code ${error.code} is none of ${expectedCodes.join(', ')}`)
      assert.ok(error.message.includes(fixture.missingName), `"${error.message}" does not name ${fixture.missingName}`)
    } finally {
      await fixture.close()
    }
  },
}

const handedOver: SourceCase = {
  name: 'a batch that was handed over is not written to again',
  run: (assert, harness) =>
    eachPartition(harness, async (fixture, partition) => {
      const atHandover: string[] = []
      const reading = startReading(fixture.source(), partition, undefined, {}, (records) => {
        atHandover.push(...textsOf(harness, records))
      })
      await reading.until(() => ended(reading) || reading.records.length >= recordCount(harness))
      await quiet(harness)
      reading.stop()
      assert.equal(textsOf(harness, reading.records), atHandover, 'records have changed since they were given')
    }),
}

/** How a source is held back, stopped, and how it fails. */
export const controlCases: readonly SourceCase[] = [
  credited,
  abortsWhileWaiting,
  unsubscribed,
  leavesNothing,
  missingInput,
  handedOver,
]

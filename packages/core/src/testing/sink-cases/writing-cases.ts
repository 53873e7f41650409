import type { Outcome } from '../../sink.js'
import { leakedSince, openHandles } from '../open-handles.js'
import { needsRejects, needsSameRow } from './skips.js'
import {
  commitHosted,
  deliver,
  rowOf,
  rowsOf,
  seen,
  shown,
  withTarget,
  writtenOf,
  type AnySinkHarness,
  type SinkCase,
} from './session.js'

const defaultManyRows = 1_000

const many = (harness: AnySinkHarness): number => harness.manyRows ?? defaultManyRows

const tags = (outcomes: readonly Outcome[]): readonly string[] => outcomes.map((outcome) => outcome._tag)

const allWritten = (count: number): readonly string[] => Array.from({ length: count }, () => 'Written')

const opensNothing: SinkCase = {
  name: 'constructing a sink opens nothing',
  run: (assert, harness) =>
    withTarget(harness, async (fixture) => {
      const before = openHandles()
      fixture.sink()
      assert.equal(await leakedSince(before, harness), [], 'it holds something open')
    }),
}

const writesOne: SinkCase = {
  name: 'writes one row',
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const rows = rowsOf(fixture, 0, 1)
      assert.equal(tags(await deliver(await open(), 1, rows)), allWritten(1), 'it was not answered Written')
      assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see the row')
    }),
}

const writesMany: SinkCase = {
  name: 'writes many rows, in several writes of one epoch and over several epochs',
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const session = await open()
      const rows = rowsOf(fixture, 0, many(harness) + 20)
      const first = rows.slice(0, 10)
      const second = rows.slice(10, 20)
      const early = await session.writer.write(first)
      if (session.host === undefined) await deliver(session, 1, second)
      else await commitHosted(session, 1, [...writtenOf(first, early), ...writtenOf(second, await session.writer.write(second))])
      assert.equal(tags(await deliver(session, 2, rows.slice(20))), allWritten(many(harness)), 'not all were answered Written')
      assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see exactly these rows')
    }),
}

const emptyWrite: SinkCase = {
  name: 'an empty write has no outcomes, and an epoch without rows changes nothing',
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const session = await open()
      const rows = rowsOf(fixture, 0, 3)
      await deliver(session, 1, rows)
      assert.equal(await deliver(session, 2, []), [], 'there are outcomes without rows')
      assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see exactly the rows of the epoch before')
    }),
}

const isBad = (index: number): boolean => index % 4 === 1

const outcomesByIndex: SinkCase = {
  name: 'a bad row is Rejected at its index, and its neighbours are Written',
  skip: needsRejects,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const good = rowsOf(fixture, 0, 12)
      const rows = good.map((row, index) => (isBad(index) ? rowOf(fixture.badValue?.(index), row.rowId) : row))
      const outcomes = await deliver(await open(), 1, rows)
      const expected = rows.map((_row, index) => (isBad(index) ? 'Rejected' : 'Written'))
      assert.equal(tags(outcomes), expected, 'the outcomes are not one per row, by index')
      for (const outcome of outcomes) {
        assert.ok(outcome._tag !== 'Rejected' || outcome.failure.message.length > 0, 'a rejection does not say why')
      }
      const sound = good.filter((_row, index) => !isBad(index))
      assert.equal(await seen(fixture), shown(fixture, sound), 'a reader does not see exactly the good rows')
    }),
}

const onlyBad: SinkCase = {
  name: 'a write of nothing but bad rows is answered, and leaves nothing',
  skip: needsRejects,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const rows = [0, 1].map((index) => rowOf(fixture.badValue?.(index), `bad-${index}`))
      assert.equal(tags(await deliver(await open(), 1, rows)), ['Rejected', 'Rejected'], 'they were not both rejected')
      assert.equal(await seen(fixture), [], 'a reader sees rows')
    }),
}

const sameRowTwice: SinkCase = {
  name: 'a row written again with the same rowId is there once',
  skip: (harness) => {
    const exactOnItsOwn = harness.capabilities.guarantee === 'exact' && !harness.capabilities.hosted
    return needsSameRow(harness) ?? (exactOnItsOwn ? 'an exact sink rests on its epochs, not on rowIds' : undefined)
  },
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const rows = rowsOf(fixture, 0, 5)
      const session = await open()
      await deliver(session, 1, rows)
      await deliver(session, 2, rows)
      await session.close()
      await deliver(await open(), 3, [...rows.slice(2), ...rowsOf(fixture, 5, 6)])
      assert.equal(await seen(fixture), shown(fixture, rowsOf(fixture, 0, 6)), 'a reader does not see each row once')
    }),
}

const survivesClose: SinkCase = {
  name: 'rows are still there after the sink was closed, and after it was opened again',
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const rows = rowsOf(fixture, 0, 5)
      const session = await open()
      await deliver(session, 1, rows)
      await session.close()
      assert.equal(await seen(fixture), shown(fixture, rows), 'closed, a reader does not see exactly the rows')
      await open()
      assert.equal(await seen(fixture), shown(fixture, rows), 'opened again, a reader does not see exactly the rows')
    }),
}

const leavesNothing: SinkCase = {
  name: 'closed, it leaves nothing open',
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const before = openHandles()
      const session = await open()
      await deliver(session, 1, rowsOf(fixture, 0, 5))
      await session.close()
      assert.equal(await leakedSince(before, harness), [], 'it left something open')
    }),
}

/** What becomes of rows. */
export const writingCases: readonly SinkCase[] = [
  opensNothing,
  writesOne,
  writesMany,
  emptyWrite,
  outcomesByIndex,
  onlyBad,
  sameRowTwice,
  survivesClose,
  leavesNothing,
]

import type { Data } from '../../data.js'
import { needsPrepare } from './skips.js'
import { rowsOf, seen, shown, throughCheckpoint, withTarget, type Session, type SinkCase } from './session.js'

const prepare = async ({ writer }: Session, epoch: number): Promise<Data> => {
  if (writer.prepare === undefined) throw new Error('it declares that it is exact, and has no prepare')
  return throughCheckpoint(await writer.prepare(epoch))
}

const commit = async ({ writer }: Session, epoch: number, token: Data): Promise<void> => {
  if (writer.commit === undefined) throw new Error('it declares that it is exact, and has no commit')
  await writer.commit(epoch, token)
}

const invisible: SinkCase = {
  name: 'exact: rows are invisible until their epoch is committed',
  skip: needsPrepare,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const session = await open()
      const rows = rowsOf(fixture, 0, 5)
      await session.writer.write(rows)
      assert.equal(await seen(fixture), [], 'written, and seen before prepare')
      const token = await prepare(session, 1)
      assert.equal(await seen(fixture), [], 'prepared, and seen before commit')
      await commit(session, 1, token)
      assert.equal(await seen(fixture), shown(fixture, rows), 'committed, and a reader does not see exactly the rows')
    }),
}

const commitTwice: SinkCase = {
  name: 'exact: to commit an epoch twice changes nothing, also after a later one, and from a new sink',
  skip: needsPrepare,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const session = await open()
      const tokens: Data[] = []
      for (const epoch of [1, 2]) {
        await session.writer.write(rowsOf(fixture, epoch * 5, epoch * 5 + 5))
        tokens.push(await prepare(session, epoch))
        await commit(session, epoch, tokens[epoch - 1] ?? null)
        await commit(session, epoch, tokens[epoch - 1] ?? null)
      }
      await commit(session, 1, tokens[0] ?? null)
      await session.close()
      await commit(await open(), 2, tokens[1] ?? null)
      assert.equal(await seen(fixture), shown(fixture, rowsOf(fixture, 5, 15)), 'a reader does not see each row once')
    }),
}

const recommitted: SinkCase = {
  name: 'exact: what was prepared before a crash is committed by a new sink with the token',
  skip: needsPrepare,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const crashed = await open()
      const rows = rowsOf(fixture, 0, 5)
      await crashed.writer.write(rows)
      const token = await prepare(crashed, 1)
      await crashed.close()
      const session = await open()
      assert.equal(await seen(fixture), [], 'seen before it was committed')
      await commit(session, 1, token)
      assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see exactly the rows of the token')
    }),
}

const forgotten: SinkCase = {
  name: 'exact: rows that were not committed are gone when the sink is opened again',
  skip: needsPrepare,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const crashed = await open()
      await crashed.writer.write(rowsOf(fixture, 0, 5))
      await prepare(crashed, 1)
      await crashed.writer.write(rowsOf(fixture, 5, 10))
      await crashed.close()
      const session = await open()
      const rows = rowsOf(fixture, 20, 25)
      await session.writer.write(rows)
      await commit(session, 1, await prepare(session, 1))
      assert.equal(await seen(fixture), shown(fixture, rows), 'rows of an epoch that never was came to light')
    }),
}

const ownEpoch: SinkCase = {
  name: 'exact: an epoch is exactly the rows written since the one before',
  skip: needsPrepare,
  run: (assert, harness) =>
    withTarget(harness, async (fixture, open) => {
      const session = await open()
      for (const epoch of [1, 2, 3]) {
        for (const index of [epoch * 2 - 2, epoch * 2 - 1]) await session.writer.write(rowsOf(fixture, index, index + 1))
        await commit(session, epoch, await prepare(session, epoch))
        const expected = shown(fixture, rowsOf(fixture, 0, epoch * 2))
        assert.equal(await seen(fixture), expected, `epoch ${epoch} did not add exactly its rows`)
      }
    }),
}

/** What `prepare` and `commit` promise. */
export const exactCases: readonly SinkCase[] = [invisible, commitTwice, recommitted, forgotten, ownEpoch]

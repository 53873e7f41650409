import type { StoredCheckpoint } from '../../store.js'
import type { Assertions } from '../suite.js'
import { needsStore } from './skips.js'
import {
  commitHosted,
  deliver,
  pipeline,
  rowsOf,
  seen,
  shown,
  withTarget,
  writtenOf,
  type AnyFixture,
  type AnySinkHarness,
  type EpochOptions,
  type Session,
  type SinkCase,
} from './session.js'

type Open = () => Promise<Session>

const storeCase = (
  name: string,
  run: (assert: Assertions, fixture: AnyFixture, open: Open, harness: AnySinkHarness) => Promise<void>,
): SinkCase => ({
  name: `store: ${name}`,
  skip: needsStore,
  run: (assert, harness) => withTarget(harness, (fixture, open) => run(assert, fixture, open, harness)),
})

/** A checkpoint that compares and prints well. */
export const readable = (stored: StoredCheckpoint | undefined): unknown =>
  stored && { header: stored.header, changes: stored.changes.map((change) => Buffer.from(change).toString('hex')) }

/** What the store gives back now. */
export const storedNow = async ({ host }: Session, name = pipeline): Promise<unknown> =>
  readable(await host?.readCheckpoint(name))

const header = { epoch: 1, text: 'Zürich', list: [1.5, null, true], big: 2 ** 53, nested: { empty: {} } }

const sameId = storeCase('two sinks into one target have stores of the same id', async (assert, fixture) => {
  const [first, second] = [fixture.sink().store, fixture.sink().store]
  assert.ok(first !== undefined, 'it declares that it is hosted, and has no store')
  assert.equal(second?.id, first?.id, 'the ids differ')
})

const noCheckpoint = storeCase('there is no checkpoint before the first epoch', async (assert, _fixture, open) => {
  assert.equal(await storedNow(await open()), undefined, 'a fresh target has a checkpoint')
})

const together = storeCase('rows and checkpoint come with commitEpoch, and not before', async (assert, fixture, open) => {
  const session = await open()
  const rows = rowsOf(fixture, 0, 5)
  const outcomes = await session.writer.write(rows)
  assert.equal(await seen(fixture), [], 'rows were only judged, and a reader sees them')
  assert.equal(await storedNow(session), undefined, 'there is a checkpoint before the first commit')
  const result = await commitHosted(session, 1, writtenOf(rows, outcomes), { header })
  assert.equal(result, { _tag: 'Committed', replaced: [] }, 'commitEpoch did not answer Committed')
  assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see exactly the rows')
  assert.equal(await storedNow(session), { header, changes: [] }, 'the checkpoint is not what was committed')
})

const uncommitted = storeCase('what was not committed is gone when it is opened again', async (assert, fixture, open) => {
  const crashed = await open()
  await deliver(crashed, 1, rowsOf(fixture, 0, 5), { header })
  await crashed.writer.write(rowsOf(fixture, 5, 10))
  await crashed.close()
  const session = await open()
  await deliver(session, 2, rowsOf(fixture, 20, 25))
  const expected = [...rowsOf(fixture, 0, 5), ...rowsOf(fixture, 20, 25)]
  assert.equal(await seen(fixture), shown(fixture, expected), 'a reader does not see exactly the committed rows')
})

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)

const changeLog: readonly (EpochOptions & { readonly expected: readonly string[] })[] = [
  { changes: [bytes(0, 255), bytes()], expected: ['00ff', ''] },
  { expected: ['00ff', ''] },
  { changes: [bytes(1)], expected: ['00ff', '', '01'] },
  { changes: [bytes(2), bytes(3)], reset: true, expected: ['02', '03'] },
  { reset: true, expected: [] },
  { changes: [bytes(4)], expected: ['04'] },
]

const log = storeCase('a checkpoint is the last header and the changes since the last reset', async (assert, _fixture, open) => {
  for (const [index, { expected, ...options }] of changeLog.entries()) {
    const session = await open()
    await commitHosted(session, index + 1, [], { ...options, header: { index } })
    const stored = { header: { index }, changes: expected }
    assert.equal(await storedNow(session), stored, `after epoch ${index + 1}`)
    await session.close()
    const again = await open()
    assert.equal(await storedNow(again), stored, `after epoch ${index + 1}, opened again`)
    await again.close()
  }
})

const apart = storeCase('checkpoints of two pipelines are apart', async (assert, _fixture, open) => {
  const session = await open()
  const other = "another 'pipeline'; --"
  await commitHosted(session, 1, [], { header: { of: 'one' }, changes: [bytes(1)] })
  await commitHosted(session, 1, [], { header: { of: 'other' }, changes: [bytes(2)], pipeline: other })
  await commitHosted(session, 2, [], { header: { of: 'other' }, reset: true, pipeline: other })
  assert.equal(await storedNow(session), { header: { of: 'one' }, changes: ['01'] }, 'the first was touched by the other')
  assert.equal(await storedNow(session, other), { header: { of: 'other' }, changes: [] }, 'the other is not its own')
})

/** What a store promises beside its rows. */
export const storeCases: readonly SinkCase[] = [sameId, noCheckpoint, together, uncommitted, log, apart]

import type { RunClaim } from '../../store.js'
import type { Assertions } from '../suite.js'
import { needsRuns } from './skips.js'
import {
  checkpointOf,
  commitHosted,
  deliver,
  pipeline,
  rowsOf,
  seen,
  shown,
  withTarget,
  type AnyFixture,
  type Session,
  type SinkCase,
} from './session.js'
import { storedNow } from './store-cases.js'

const runCase = (
  name: string,
  run: (assert: Assertions, fixture: AnyFixture, session: Session) => Promise<void>,
): SinkCase => ({
  name: `runs: ${name}`,
  skip: needsRuns,
  run: (assert, harness) => withTarget(harness, async (fixture, open) => run(assert, fixture, await open())),
})

const claim = (id: string, more: Partial<RunClaim> = {}): RunClaim => ({
  id,
  replace: false,
  replaces: [],
  last: false,
  ...more,
})

const laterWins = runCase('of two rows with one key in an epoch the later one stays', async (assert, fixture, session) => {
  const rows = [...rowsOf(fixture, 0, 3), ...rowsOf(fixture, 1, 2, 1)]
  await deliver(session, 1, rows, { run: claim('a') })
  const expected = [...rowsOf(fixture, 0, 1), ...rowsOf(fixture, 2, 3), ...rowsOf(fixture, 1, 2, 1)]
  assert.equal(await seen(fixture), shown(fixture, expected), 'a reader does not see exactly the later row')
})

const ownRows = runCase('a run may write its own rows again', async (assert, fixture, session) => {
  await deliver(session, 1, rowsOf(fixture, 0, 3), { run: claim('a') })
  await deliver(session, 2, rowsOf(fixture, 0, 3, 1), { run: claim('a', { last: true }) })
  assert.equal(await seen(fixture), shown(fixture, rowsOf(fixture, 0, 3, 1)), 'a reader does not see exactly the later rows')
})

const disjoint = runCase('runs that share no key live side by side', async (assert, fixture, session) => {
  await deliver(session, 1, rowsOf(fixture, 0, 3), { run: claim('a', { last: true }) })
  await deliver(session, 1, rowsOf(fixture, 3, 6), { run: claim('b', { last: true }) })
  assert.equal(await seen(fixture), shown(fixture, rowsOf(fixture, 0, 6)), 'a reader does not see exactly the rows of both')
})

const conflict = runCase('a key of another run is a Conflict that names it, and nothing is written', async (assert, fixture, session) => {
  const rows = rowsOf(fixture, 0, 5)
  await deliver(session, 1, rows, { run: claim('a', { last: true }), header: { of: 'a' } })
  const result = await commitHosted(session, 1, rowsOf(fixture, 4, 8, 1), { run: claim('b'), header: { of: 'b' } })
  assert.ok(result._tag === 'Conflict', `a Conflict was expected, not ${result._tag}`)
  if (result._tag === 'Conflict') {
    assert.equal(result.owner, 'a', 'it does not name the owner')
    assert.ok(result.example.length > 0, 'it gives no example')
  }
  assert.equal(await seen(fixture), shown(fixture, rows), 'rows were changed all the same')
  assert.equal(await storedNow(session), { header: { of: 'a' }, changes: [] }, 'the checkpoint was changed all the same')
})

const unowned = runCase('a key that was written outside of any run is a Conflict without an owner', async (assert, fixture, session) => {
  const rows = rowsOf(fixture, 0, 2)
  await deliver(session, 1, rows)
  const result = await commitHosted(session, 2, rowsOf(fixture, 1, 3, 1), { run: claim('b') })
  const owner = result._tag === 'Conflict' ? result.owner : result._tag
  assert.equal(owner, undefined, 'it is not a Conflict without an owner')
  assert.equal(await seen(fixture), shown(fixture, rows), 'rows were changed all the same')
})

const replaced = runCase('with replace, the runs it touches are deleted whole, and no other', async (assert, fixture, session) => {
  await deliver(session, 1, rowsOf(fixture, 0, 5), { run: claim('a', { last: true }) })
  await deliver(session, 1, rowsOf(fixture, 10, 12), { run: claim('c', { last: true }) })
  const rows = rowsOf(fixture, 4, 8, 1)
  const result = await commitHosted(session, 1, rows, { run: claim('b', { replace: true }) })
  assert.equal(result, { _tag: 'Committed', replaced: ['a'] }, 'it does not say which run it replaced')
  const expected = [...rows, ...rowsOf(fixture, 10, 12)]
  assert.equal(await seen(fixture), shown(fixture, expected), 'a reader does not see exactly the new run and the untouched one')
})

const replacedAtLast = runCase('runs to be replaced whole go with the last epoch, touched or not', async (assert, fixture, session) => {
  const old = rowsOf(fixture, 0, 3)
  const rows = rowsOf(fixture, 5, 8)
  const run = claim('b', { replace: true, replaces: ['a'] })
  await deliver(session, 1, old, { run: claim('a', { last: true }) })
  await deliver(session, 1, rows, { run })
  assert.equal(await seen(fixture), shown(fixture, [...old, ...rows]), 'they went before the last epoch')
  await deliver(session, 2, [], { run: { ...run, last: true } })
  assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see exactly the new run')
})

const takenOver = runCase('without replace, rows of runs to be replaced are taken over one by one, and only theirs', async (assert, fixture, session) => {
  await deliver(session, 1, rowsOf(fixture, 0, 4), { run: claim('a', { last: true }) })
  await deliver(session, 1, rowsOf(fixture, 10, 12), { run: claim('c', { last: true }) })
  const run = claim('b', { replaces: ['a'] })
  const rows = rowsOf(fixture, 2, 6, 1)
  await deliver(session, 1, rows, { run })
  const others = rowsOf(fixture, 10, 12)
  assert.equal(await seen(fixture), shown(fixture, [...rowsOf(fixture, 0, 2), ...rows, ...others]), 'a reader does not see exactly the rows taken over and those left')
  const result = await commitHosted(session, 2, rowsOf(fixture, 11, 13, 1), { run })
  assert.equal(result._tag === 'Conflict' ? result.owner : result._tag, 'c', 'a row of a run that is not to be replaced is no Conflict')
  await deliver(session, 2, [], { run: { ...run, last: true } })
  assert.equal(await seen(fixture), shown(fixture, [...rows, ...others]), 'what the replaced run still owned did not go with the last epoch')
})

const rolledBack = runCase('rollbackRun deletes what the run wrote, and writes the checkpoint with it', async (assert, fixture, session) => {
  const rows = rowsOf(fixture, 0, 3)
  await deliver(session, 1, rows, { run: claim('a', { last: true }) })
  await deliver(session, 1, rowsOf(fixture, 3, 6), { run: claim('b') })
  await deliver(session, 2, rowsOf(fixture, 6, 9), { run: claim('b') })
  await session.host?.rollbackRun(pipeline, 'b', checkpointOf(3, { header: { refused: 'b' }, reset: true }))
  assert.equal(await seen(fixture), shown(fixture, rows), 'a reader does not see exactly the rows of the other run')
  assert.equal(await storedNow(session), { header: { refused: 'b' }, changes: [] }, 'the checkpoint is not the one given')
})

/** What a store promises about rows of runs. */
export const runCases: readonly SinkCase[] = [
  laterWins,
  ownRows,
  disjoint,
  conflict,
  unowned,
  replaced,
  replacedAtLast,
  takenOver,
  rolledBack,
]

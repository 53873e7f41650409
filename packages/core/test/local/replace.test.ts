import { runLocal, type LocalOptions } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Database, dyingAfter, knowingPipelines, type Files } from './replacing.js'
import { reasonOf } from './support.js'

const test = suite('runs that replace others')

const replace = { replace: true }
const monday: Files = { 'mon.json': { seconds: [0, 1] } }
const tuesday: Files = { 'tue.json': { seconds: [10, 11] } }
/** Other content, in the windows of monday. */
const corrected: Files = { 'corrected.json': { seconds: [0, 1], n: 5 } }

const after = async (...runs: readonly Files[]): Promise<Database> => {
  const database = new Database()
  for (const files of runs) await database.run(files)
  return database
}

test('the same files again do nothing; other files in other windows are welcome', async () => {
  const database = await after(monday, tuesday)
  const again = await database.run(monday)
  assert.equal([again.run.outcome, again.thisRun.read, again.total.read], ['alreadyDone', 0, 2])
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1', 'a@10000=1', 'a@11000=1'])
})

test('files that share a window with another run are refused, and nothing of them is kept', async () => {
  const database = await after(monday)
  const refusal = await database.refused(corrected)
  assert.match(refusal, /^SharedWindow: the run of .* \(1 file, 'mon\.json'\) already wrote bars a@0, and the files given now \(1 file, 'corrected\.json'\)/)
  assert.match(refusal, /Nothing of this run was kept\.$/)
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1'])
  // Neither run is in a state that it was not in before.
  assert.is((await database.run(monday)).run.outcome, 'alreadyDone')
  assert.match(await database.refused(corrected), /^SharedWindow/)
})

test('a copy is refused within a run and across runs, and nothing of it is kept', async () => {
  const database = await after(tuesday)
  assert.match(await database.refused({ x: { seconds: [5], digest: 'same' }, y: { seconds: [6], digest: 'same' } }), /^CopiedFile: '[xy]' has the same content as '[xy]', another file of this run/)
  assert.match(await database.refused({ z: { seconds: [7], digest: 'tue.json 10,11 1' } }), /^CopiedFile: 'z' has the same content as 'tue\.json', a file of the run of/)
  assert.equal(database.bars(), ['a@10000=1', 'a@11000=1'])
})

test('with replace the runs whose windows it touches go whole, and what drops out is named', async () => {
  const database = await after(monday, tuesday)
  const { run, total } = await database.run({ 'corrected.json': { seconds: [1], n: 5 } }, replace)
  assert.equal([run.outcome, run.droppedOut, total.unaccounted], ['finished', ['mon.json'], 0])
  assert.equal(database.bars(), ['a@1000=5', 'a@10000=1', 'a@11000=1'])
})

test('a run that learns only with its last panes whom it replaces forgets that run: its files are fresh', async () => {
  const database = await after(monday)
  await database.run(corrected, replace)
  assert.equal(database.bars(), ['a@0=5', 'a@1000=5'])
  // Not done: its rows are gone. They would come back with replace.
  assert.match(await database.refused(monday), /^SharedWindow/)
  await database.run(monday, replace)
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1'])
})

test('and also if it dies at any commit on the way, and is resumed or given up', async () => {
  for (let commits = 1; commits <= 4; commits++) {
    for (const resume of [true, false]) {
      const database = await after(monday)
      const ended = await database.run(corrected, { ...replace, epochMillis: 0 }, dyingAfter(commits)).then(
        () => true,
        () => false,
      )
      const what = `after ${commits} commits, ${resume ? 'resumed' : 'given up'}`
      if (resume) {
        const { run } = await database.run(corrected, replace)
        assert.equal([run.outcome, run.resumed], ['finished', !ended], what)
        assert.equal(database.bars(), ['a@0=5', 'a@1000=5'], what)
        assert.match(await database.refused(monday), /^SharedWindow/, what)
      } else {
        await database.run(monday, replace)
        assert.equal(database.bars(), ['a@0=1', 'a@1000=1'], what)
        assert.is((await database.run(monday)).run.outcome, 'alreadyDone', what)
        assert.match(await database.refused(corrected), /^SharedWindow/, what)
      }
    }
  }
})

test('it is never resumed with the state of the run that it replaces', async () => {
  const database = new Database()
  const interrupted: Files = { 'a.json': { seconds: [0, 1, 2] } }
  await database.run(interrupted, { epochMillis: 0, maxQueuedRecords: 1 }, dyingAfter(2)).catch(() => undefined)
  await database.run(tuesday, { ...replace, epochMillis: 0 }, dyingAfter(1)).catch(() => undefined)
  // The state is tuesday's by now: the first run can be neither resumed nor begun again as it is.
  assert.match(await database.refused(interrupted), /^UnfinishedRun: the run of .* \(1 file, 'tue\.json'\) is not finished/)
  const { run } = await database.run(tuesday)
  assert.equal([run.resumed, run.droppedOut], [true, ['a.json']])
  assert.equal(database.bars(), ['a@10000=1', 'a@11000=1'])
  assert.is((await database.run(interrupted)).run.resumed, false)
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1', 'a@2000=1', 'a@10000=1', 'a@11000=1'])
})

test('a refused run that had begun to replace another says that its rows are gone, and its files are fresh', async () => {
  const bad: Files = { 'bad.json': { seconds: [0, 1], n: -1 } }
  const database = await after(bad)
  // Its dead letters are those of the run before, and written before the copy shows.
  const copies: Files = { 'bad.json': { seconds: [0, 1], n: -1, fingerprint: 99, digest: 'same' }, 'copy.json': { seconds: [5], digest: 'same' } }
  const refusal = await database.refused(copies, { ...replace, epochMillis: 0, concurrency: 1, maxQueuedRecords: 1 })
  assert.match(refusal, /^CopiedFile: 'copy\.json' has the same content as 'bad\.json'.* The rows of the runs that it had begun to replace are gone: run their files again \('bad\.json'\)\.$/)
  assert.is(database.deadLetters(), 0)
  assert.is((await database.run(bad)).run.outcome, 'finished')
  assert.is(database.deadLetters(), 2)
})

test('several runs are replaced at once, each told', async () => {
  const database = await after(monday, tuesday, { 'wed.json': { seconds: [20] } })
  const { run } = await database.run({ 'all.json': { seconds: [0, 10], n: 3 } }, replace)
  assert.equal(run.droppedOut, ['mon.json', 'tue.json'])
  assert.equal(database.bars(), ['a@0=3', 'a@10000=3', 'a@20000=1'])
  assert.is((await database.run({ 'wed.json': { seconds: [20] } })).run.outcome, 'alreadyDone')
  for (const files of [monday, tuesday]) assert.match(await database.refused(files), /^SharedWindow/)
})

test('an unfinished run is replaced by one that shares nothing with it', async () => {
  const database = new Database()
  await database.run({ 'a.json': { seconds: [0, 1, 2] } }, { epochMillis: 0, maxQueuedRecords: 1 }, dyingAfter(2)).catch(() => undefined)
  assert.match(await database.refused(tuesday), /^UnfinishedRun/)
  const { run } = await database.run(tuesday, replace)
  assert.equal([run.droppedOut, database.bars()], [['a.json'], ['a@10000=1', 'a@11000=1']])
})

test('replace with the same finished files reads them again', async () => {
  const database = await after(monday)
  const { run, thisRun } = await database.run(monday, replace)
  assert.equal([run.outcome, run.droppedOut, thisRun.read], ['finished', [], 2])
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1'])
  assert.is((await database.run(monday)).run.outcome, 'alreadyDone')
})

/** Monday is ours; the windows of tuesday are another pipeline's. */
const shared = async (): Promise<{ readonly database: Database; readonly refused: (files: Files, options?: LocalOptions) => Promise<string> }> => {
  const database = new Database()
  const wrap = knowingPipelines(database.data)
  await runLocal(database.pipeline(monday, wrap), null, {}).done
  await runLocal(database.pipeline({ 'theirs.json': { seconds: [10, 11], n: 7 } }, wrap, 'theirs'), null, {}).done
  const refused = async (files: Files, options: LocalOptions = {}): Promise<string> => (await reasonOf(runLocal(database.pipeline(files, wrap), null, options).done)).message
  return { database, refused }
}

test('a row of another pipeline is in the way: it is named, and replace is no remedy', async () => {
  const { database, refused } = await shared()
  const message = await refused(tuesday)
  assert.match(message, /^pipeline 'theirs' already wrote bars a@10000, .* Replace deletes only what this pipeline wrote, so it does not help: give this pipeline a table of its own, or the name/)
  assert.match(message, /Nothing of this run was kept\.$/)
  const forced = await refused(tuesday, replace)
  assert.match(forced, /^another pipeline already wrote bars a@10000 \(a row of pipeline 'theirs'\), .* so it does not help/)
  assert.match(forced, /Nothing of this run was kept\.$/)
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1', 'a@10000=7', 'a@11000=7'])
})

test('what the refused epoch was about to replace is still there, and done', async () => {
  const { database, refused } = await shared()
  assert.match(await refused({ ...corrected, ...tuesday }, replace), /Nothing of this run was kept\.$/)
  assert.equal(database.bars(), ['a@0=1', 'a@1000=1', 'a@10000=7', 'a@11000=7'])
  assert.is((await database.run(monday)).run.outcome, 'alreadyDone')
})

test('what earlier epochs had replaced is gone, and its files are named', async () => {
  const { database, refused } = await shared()
  const bad: Files = { 'bad.json': { seconds: [0, 1], n: -1 } }
  await database.run(bad)
  // Bars are written at the end, dead letters before.
  const message = await refused({ 'bad.json': { seconds: [0, 1], n: -1, fingerprint: 99 }, ...tuesday }, { ...replace, epochMillis: 0, maxQueuedRecords: 1 })
  assert.match(message, /gone: run their files again \('bad\.json'\)\.$/)
  assert.is((await database.run(bad)).run.outcome, 'finished')
  assert.is((await database.run(monday)).run.outcome, 'alreadyDone')
})

test.run()

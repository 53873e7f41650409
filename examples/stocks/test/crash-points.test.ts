// @deadline 3600 s
// Every way in which a backfill can be killed at its ports. A sample, or more: `MILLRACE_CRASH_POINTS=100`, or `all`.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCrashPoints, seededRandom, type CrashRun } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { choosing } from './crash/choose.js'
import { compareDatabases, compareFiles, tablesOf } from './crash/contents.js'
import { lonelyTrades, smallFolder } from './crash/small-folder.js'
import { runProgram } from './crash/run-program.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('the backfill, killed at crash points')
const programOf = (name: string): string => fileURLToPath(new URL(`crash/${name}-program.js`, import.meta.url))
const backfillProgram = programOf('backfill')

const seed = Number(process.env['MILLRACE_CRASH_SEED'] ?? Date.now() % 1_000_000)
console.log(`MILLRACE_CRASH_SEED=${seed}`)

const crash = (input: string, sample: number, run: Pick<CrashRun, 'program' | 'compare'> & Partial<CrashRun>, most = Infinity): ReturnType<typeof runCrashPoints> =>
  runCrashPoints({ args: (directory) => [input, directory], parallel: 2, choose: choosing(sample, seed, most), print: (line) => console.log(line), ...run })

test('hosted by DuckDB: a run leaves the tables and the ledger of an undisturbed one', inTemporaryFolder(async (folder) => {
  const input = join(folder, 'input')
  smallFolder(input)
  const { points, crashed } = await crash(input, 7, { program: backfillProgram, compare: compareDatabases })
  assert.ok(crashed.length >= 7)
  assert.ok(points.filter((point) => point.startsWith('store.commitEpoch:before')).length > 10, 'hardly an epoch')
}))

test('hosted by DuckDB: killed, resumed, and killed once more', inTemporaryFolder(async (folder) => {
  const input = join(folder, 'input')
  smallFolder(input)
  const random = seededRandom(seed)
  const again = (): number => 1 + Math.floor(random() * 40)
  const { crashed } = await crash(input, 2, { program: backfillProgram, compare: compareDatabases, again }, 60)
  assert.ok(crashed.length >= 2)
}))

test('checkpoints and tables in files: likewise', inTemporaryFolder(async (folder) => {
  const input = join(folder, 'input')
  smallFolder(input)
  const { crashed } = await crash(input, 4, { program: programOf('files'), compare: compareFiles })
  assert.ok(crashed.length >= 4)
}))

/** A folder that is read once, and then has a file changed, a file more and a file less. */
const changedFolder = async (folder: string): Promise<{ readonly input: string; readonly before: string }> => {
  const [input, before] = [join(folder, 'input'), join(folder, 'before')]
  mkdirSync(before)
  smallFolder(input)
  writeFileSync(join(input, 'gone.ndjson'), `${lonelyTrades('GONE', 0, 50)}{"s":"GONE"}\n`)
  await runProgram(backfillProgram, [input, before])
  rmSync(join(input, 'gone.ndjson'))
  writeFileSync(join(input, 'lonely.ndjson'), `${lonelyTrades('LONE', 10, 8_990)}{"s":"LONE"}\n${lonelyTrades('LONE', 8_990, 9_100)}`)
  writeFileSync(join(input, 'more.ndjson'), `${lonelyTrades('MORE', 0, 50)}{"s":"MORE"}\n`)
  return { input, before }
}

test('with replace: what an earlier run wrote is gone, and nothing else', inTemporaryFolder(async (folder) => {
  const { input, before } = await changedFolder(folder)
  const prepare = async (directory: string): Promise<void> => copyFileSync(join(before, 'stocks.duckdb'), join(directory, 'stocks.duckdb'))
  const fresh = join(folder, 'fresh')
  mkdirSync(fresh)
  await runProgram(backfillProgram, [input, fresh])
  const compare = async (directory: string, undisturbed: string): Promise<void> => {
    await compareDatabases(directory, undisturbed)
    // As if the earlier run had never been.
    await compareDatabases(directory, fresh)
  }
  const { crashed } = await crash(input, 4, { program: backfillProgram, env: { MILLRACE_TEST_REPLACE: '1' }, prepare, compare })
  assert.ok(crashed.length >= 4)
}))

test('with replace, and refused for a file that is there twice: likewise', inTemporaryFolder(async (folder) => {
  const { input, before } = await changedFolder(folder)
  copyFileSync(join(input, 'more.ndjson'), join(input, 'once-more.ndjson'))
  const prepare = async (directory: string): Promise<void> => copyFileSync(join(before, 'stocks.duckdb'), join(directory, 'stocks.duckdb'))
  const { points, crashed } = await crash(input, 4, { program: backfillProgram, env: { MILLRACE_TEST_REPLACE: '1' }, prepare, compare: compareDatabases })
  assert.ok(points.includes('store.rollbackRun:before#1'), 'nothing was rolled back')
  assert.ok(crashed.length >= 4)
}))

test('a run that is refused at its end leaves what was there before', inTemporaryFolder(async (folder) => {
  const [first, second, before] = [join(folder, 'first'), join(folder, 'second'), join(folder, 'before')]
  for (const directory of [first, second, before]) mkdirSync(directory)
  writeFileSync(join(first, 'first.ndjson'), `${lonelyTrades('LONE', 8_900, 9_000)}{"s":"LONE"}\n`)
  await runProgram(backfillProgram, [first, before])
  // Its first slice of windows is committed by the time the shared one fires.
  writeFileSync(join(second, 'second.ndjson'), `{"s":"OTHER"}\n${lonelyTrades('OTHER', 0, 8_990)}${lonelyTrades('LONE', 8_989, 8_990)}`)
  const prepare = async (directory: string): Promise<void> => copyFileSync(join(before, 'stocks.duckdb'), join(directory, 'stocks.duckdb'))
  const compare = async (directory: string, undisturbed: string): Promise<void> => {
    await compareDatabases(directory, undisturbed)
    assert.equal(await tablesOf(directory), await tablesOf(before))
  }
  const { points, crashed } = await crash(second, 4, { program: backfillProgram, prepare, compare })
  assert.ok(points.includes('store.rollbackRun:before#1'), 'nothing was rolled back')
  assert.ok(points.includes('store.commitEpoch:after#2'), 'nothing was committed before it was refused')
  assert.ok(crashed.length >= 4)
}))

test.run()

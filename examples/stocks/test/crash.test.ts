import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generateDay } from '#src/generate/day.js'
import { differencesOf } from './crash/contents.js'
import { lastJson, runCli, startCli, type Ended } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('kill -9')

const KILLS = 6
/** A kill comes within so much time after something was committed: several commits may follow. */
const LONGEST_MILLIS = 700

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)
const random = seededRandom(seed)

const logBytes = (db: string): number => statSync(`${db}.wal`, { throwIfNoEntry: false })?.size ?? 0

/** Kills the command some time after it has committed something, which its log shows. */
const killed = async (args: readonly string[], folder: string, db: string): Promise<Ended> => {
  const before = logBytes(db)
  const { child, ended } = startCli(args, folder)
  while (child.exitCode === null && logBytes(db) === before) await sleep(5)
  await sleep(random() * LONGEST_MILLIS)
  child.kill('SIGKILL')
  return ended
}

test('a backfill killed again and again ends with what an undisturbed one gives', inTemporaryFolder(async (folder) => {
  const [db, undisturbed] = [join(folder, 'killed.duckdb'), join(folder, 'undisturbed.duckdb')]
  const day = generateDay({ directory: join(folder, 'day'), trades: 600_000 })
  const expected = lastJson(await runCli(['backfill', 'day', '--db', undisturbed, '--json'], folder))
  const args = ['backfill', 'day', '--db', db, '--json']
  let kills = 0
  while (kills < KILLS && (await killed(args, folder, db)).signal === 'SIGKILL') kills += 1
  const last = await runCli(args, folder)
  assert.is(last.code, 0, last.stderr)
  const { total, thisRun } = lastJson(last)
  assert.equal(total, expected.total)
  assert.is(total.unaccounted, 0)
  assert.is(total.aggregated, day.trades)
  assert.equal(await differencesOf(db, undisturbed), [])
  assert.ok(kills > 0, 'nothing was killed')
  assert.ok(thisRun.read < total.read, 'nothing was resumed')
}))

test.run()

import { join } from 'node:path'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generateDay } from '#src/generate/day.js'
import { lastJson, runCli, startCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('kill -9')

/** When a process is killed, as parts of the time that an undisturbed one takes. */
const KILL_AFTER = [0.3, 0.5, 0.7, 0.8, 0.9]

const TABLES = [
  'SELECT * EXCLUDE (updated_at) FROM bars',
  'SELECT * EXCLUDE (occurred_at, attempt, stack) FROM dead_letters',
]

const contents = async (db: string): Promise<readonly unknown[]> => {
  const tables: unknown[] = []
  for (const sql of TABLES) tables.push(await queryDuckdb(db, `SELECT bit_xor(hash(t))::VARCHAR AS sum, count(*)::DOUBLE AS n FROM (${sql}) t`, []))
  return tables
}

test('a backfill killed again and again ends with what an undisturbed one gives', inTemporaryFolder(async (folder) => {
  const day = generateDay({ directory: join(folder, 'day'), trades: 600_000 })
  const startedAtMillis = Date.now()
  const undisturbed = lastJson(await runCli(['backfill', 'day', '--db', 'undisturbed.duckdb', '--json'], folder))
  const tookMillis = Date.now() - startedAtMillis
  const args = ['backfill', 'day', '--db', 'killed.duckdb', '--json']
  let killed = 0
  for (const part of KILL_AFTER) {
    const { child, ended } = startCli(args, folder)
    const timer = setTimeout(() => child.kill('SIGKILL'), part * tookMillis)
    if ((await ended).signal === 'SIGKILL') killed += 1
    clearTimeout(timer)
  }
  const last = await runCli(args, folder)
  assert.is(last.code, 0, last.stderr)
  const { total, thisRun } = lastJson(last)
  assert.equal(total, undisturbed.total)
  assert.is(total.unaccounted, 0)
  assert.is(total.aggregated, day.trades)
  assert.equal(await contents(join(folder, 'killed.duckdb')), await contents(join(folder, 'undisturbed.duckdb')))
  assert.ok(killed >= 1, 'nothing was killed')
  assert.ok(thisRun.read < total.read, 'nothing was resumed: every kill came before the first checkpoint')
}))

test.run()

// What goes wrong around a backfill for a moment costs nothing; what goes wrong for good ends it with an error that says so, and
// the next run goes on as if nothing had been.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectorError, runLocal, type RunSummary } from '@millrace/core'
import { failing, failWith, type Fault } from '@millrace/core/testing'
import { DuckDBInstance } from '@duckdb/node-api'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batch } from '#src/pipeline.js'
import { differencesOf } from './crash/contents.js'
import { smallFolder } from './crash/small-folder.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('faults around a backfill')

const passing = new ConnectorError({ _tag: 'Passing', code: 'Unavailable', message: 'for a moment', retryable: true })
const lasting = new ConnectorError({ _tag: 'Lasting', code: 'Internal', message: 'for good' })
const RETRY = { maxAttempts: 3, initialDelayMillis: 1, maxDelayMillis: 2 }

interface Setting {
  readonly folder: string
  readonly undisturbed: RunSummary
  readonly run: (db: string, faults?: readonly Fault[]) => Promise<RunSummary>
}

/** A run with faults, each of which must have struck. */
const runWith = async (folder: string, db: string, plan: readonly Fault[]): Promise<RunSummary> => {
  const faults = failing(plan)
  const job = runLocal(batch, { paths: [join(folder, 'input')], db: join(folder, db) }, { epochMillis: 0, retry: RETRY, instrument: faults })
  try {
    return await job.done
  } finally {
    assert.equal(faults.left(), [])
  }
}

const inSetting = (check: (setting: Setting) => Promise<void>): (() => Promise<void>) =>
  inTemporaryFolder(async (folder) => {
    smallFolder(join(folder, 'input'))
    const run: Setting['run'] = (db, faults = []) => runWith(folder, db, faults)
    await check({ folder, undisturbed: await run('undisturbed.duckdb'), run })
  })

const assertSame = async ({ folder, undisturbed }: Setting, found: RunSummary, db: string): Promise<void> => {
  assert.equal(found.total, undisturbed.total)
  assert.is(found.total.unaccounted, 0)
  assert.equal(await differencesOf(join(folder, db), join(folder, 'undisturbed.duckdb')), [])
}

const rejection = async (run: Promise<unknown>): Promise<Error> => {
  try {
    await run
  } catch (error) {
    assert.instance(error, Error)
    return error as Error // as: instance of it
  }
  throw new Error('it should have failed')
}

/** Calls that may fail, and which of them fails. */
const CALLS: readonly (Pick<Fault, 'port' | 'method'> & Partial<Fault>)[] = [
  { port: 'source', method: 'partitions' },
  { port: 'source', method: 'next', nth: 4 },
  { port: 'source', method: 'complete', nth: 2 },
  { port: 'store', method: 'open' },
  { port: 'store', method: 'readCheckpoint' },
  { port: 'store', method: 'commitEpoch', nth: 3 },
  { port: 'store', method: 'commitEpoch', nth: 3, when: 'after' },
  { port: 'sink', method: 'open', name: 'dead_letters' },
  { port: 'sink', method: 'write', name: 'dead_letters' },
  { port: 'sink', method: 'write', name: 'dead_letters', when: 'after' },
  { port: 'sink', method: 'write', name: 'bars', nth: 5 },
]

test('what fails once and may be tried again is tried again: nothing is lost, nothing doubled', inSetting(async (setting) => {
  for (const [i, call] of CALLS.entries()) {
    const db = `passing-${i}.duckdb`
    await assertSame(setting, await setting.run(db, [{ ...call, act: failWith(passing) }]), db)
  }
}))

test('what fails for good ends the run with its error, and the next run leaves what an undisturbed one does', inSetting(async (setting) => {
  for (const [i, call] of CALLS.entries()) {
    const db = `lasting-${i}.duckdb`
    const error = await rejection(setting.run(db, [{ ...call, act: failWith(lasting) }]))
    assert.match(error.message, 'for good', `${call.port}.${call.method}`)
    await assertSame(setting, await setting.run(db), db)
  }
}))

test('dead letters that cannot be written stop the run, and are not lost', inSetting(async (setting) => {
  const down: Fault = { port: 'sink', method: 'write', name: 'dead_letters', times: RETRY.maxAttempts, act: failWith(passing) }
  const error = await rejection(setting.run('down.duckdb', [down]))
  assert.match(error.message, /for a moment/)
  await assertSame(setting, await setting.run('down.duckdb'), 'down.duckdb')
}))

/** Interrupts a run in its middle and changes the state that it left. */
const damaged = async ({ folder, run }: Setting, db: string, sql: string): Promise<void> => {
  await rejection(run(db, [{ port: 'store', method: 'commitEpoch', nth: 8, act: failWith(lasting) }]))
  const instance = await DuckDBInstance.create(join(folder, db))
  const connection = await instance.connect()
  await connection.run(sql)
  connection.disconnectSync()
  instance.closeSync()
}

test('a checkpoint that is damaged is an error that says so: the run does not begin from nothing by itself', inSetting(async (setting) => {
  const damages = {
    'a header that is cut': "UPDATE millrace.checkpoints SET header = header[1:10]::BLOB",
    'a piece of the log that is garbage': "UPDATE millrace.state_log SET changes = 'garbage'::BLOB WHERE seq = (SELECT max(seq) FROM millrace.state_log)",
  }
  for (const [i, sql] of Object.values(damages).entries()) {
    const db = `damaged-${i}.duckdb`
    await damaged(setting, db, sql)
    const error = await rejection(setting.run(db))
    assert.instance(error, ConnectorError)
    assert.is((error as ConnectorError).code, 'DataLoss', error.message) // as: instance of it
  }
}))

const canMount = (): boolean => process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0

/** A disk of its own, very small; undone afterwards. */
const onSmallDisk = async (at: string, mebibytes: number, use: (disk: string) => Promise<void>): Promise<boolean> => {
  mkdirSync(at)
  if (!canMount() || spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', at]).status !== 0) return false
  try {
    await use(at)
  } finally {
    execFileSync('umount', ['-l', at])
  }
  return true
}

test('a disk that is full or cannot be written ends the run with an error that says so; elsewhere it goes on', inSetting(async (setting) => {
  const { folder, run } = setting
  const tried = await onSmallDisk(join(folder, 'disk'), 2, async (disk) => {
    const error = await rejection(run('disk/stocks.duckdb'))
    assert.match(error.message, /no space|disk|full/i)
    for (const suffix of ['', '.wal']) if (existsSync(join(disk, `stocks.duckdb${suffix}`))) copyFileSync(join(disk, `stocks.duckdb${suffix}`), join(folder, `moved.duckdb${suffix}`))
    await assertSame(setting, await run('moved.duckdb'), 'moved.duckdb')
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const readOnly = await rejection(run('disk/stocks.duckdb'))
    assert.match(readOnly.message, /cannot be written|read-only/i)
  })
  if (!tried) console.log('# SKIP data: no disk can be mounted here (only root can)')
}))

test.run()

// Runs that are asked to stop, again and again, and go on where they stopped.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runLocal, type RunSummary } from '@millrace/core'
import { intercept, seededRandom } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generateDay } from '#src/generate/day.js'
import { batch } from '#src/pipeline.js'
import { differencesOf } from './crash/contents.js'
import { smallFolder } from './crash/small-folder.js'
import { lastJson, runCli, startCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('stop')

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)
const random = seededRandom(seed)

/** Runs until so many batches are read, then stops. */
const runUntil = async (config: { readonly paths: string[]; readonly db: string }, batches: number): Promise<RunSummary> => {
  let read = 0
  const stopAtLast = (): void => {
    if (++read === batches) void job.stop()
  }
  const instrument = intercept({ before: () => undefined, after: ({ method }) => (method === 'next' ? stopAtLast() : undefined) })
  const job = runLocal(batch, config, { instrument })
  return job.done
}

test('twenty times in mid-stream: the tables and the ledger of an undisturbed run', inTemporaryFolder(async (folder) => {
  const day = generateDay({ directory: join(folder, 'day'), trades: 80_000 })
  const config = (db: string): { readonly paths: string[]; readonly db: string } => ({ paths: [day.directory], db: join(folder, db) })
  const undisturbed = await runLocal(batch, config('undisturbed.duckdb')).done
  let read = 0
  for (let stops = 0; stops < 20; stops++) {
    const { run, thisRun, total } = await runUntil(config('stopped.duckdb'), 1 + Math.floor(random() * 10))
    assert.is(run.outcome, 'stopped', `stop ${stops + 1}`)
    assert.is(run.resumed, stops > 0)
    assert.is(total.unaccounted, 0)
    assert.is(thisRun.read, total.read - read)
    read = total.read
  }
  assert.ok(read > 0 && read < undisturbed.total.read)
  const last = await runLocal(batch, config('stopped.duckdb')).done
  assert.is(last.run.outcome, 'finished')
  assert.equal(last.total, undisturbed.total)
  assert.is(last.thisRun.read, last.total.read - read)
  assert.equal(await differencesOf(join(folder, 'stopped.duckdb'), join(folder, 'undisturbed.duckdb')), [])
}))

test('while bars are being written, it stops between two slices of them', inTemporaryFolder(async (folder) => {
  const input = join(folder, 'input')
  smallFolder(input)
  const [db, undisturbed] = [join(folder, 'stopped.duckdb'), join(folder, 'undisturbed.duckdb')]
  const { total } = await runLocal(batch, { paths: [input], db: undisturbed }).done
  const instrument = intercept({ before: ({ name, method }) => (name === 'bars' && method === 'write' ? void job.stop() : undefined), after: () => undefined })
  const job = runLocal(batch, { paths: [input], db }, { instrument })
  const stopped = await job.done
  assert.is(stopped.run.outcome, 'stopped')
  assert.is(stopped.total.read, total.read)
  assert.ok((stopped.total.delivered['bars'] ?? 0) > 0)
  assert.ok((stopped.total.delivered['bars'] ?? 0) < (total.delivered['bars'] ?? 0))
  const resumed = await runLocal(batch, { paths: [input], db }).done
  assert.equal(resumed.total, total)
  assert.is(resumed.thisRun.read, 0)
  assert.equal(await differencesOf(db, undisturbed), [])
}))

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

test('SIGINT and SIGTERM stop the command at a checkpoint, and the same command goes on', inTemporaryFolder(async (folder) => {
  generateDay({ directory: join(folder, 'day'), trades: 400_000 })
  const undisturbed = lastJson(await runCli(['backfill', 'day', '--db', 'undisturbed.duckdb', '--json'], folder))
  const args = ['backfill', 'day', '--db', 'stopped.duckdb', '--json']
  let [read, stopped] = [0, 0]
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) {
    const { child, ended } = startCli(args, folder)
    // The file is made after the handlers are there; in the runs after the first one there is nothing to wait for but time.
    while (!existsSync(join(folder, 'stopped.duckdb'))) await sleep(5)
    await sleep(read === 0 ? 500 : 1_500)
    child.kill(signal)
    const end = await ended
    if (end.signal !== null) continue
    assert.is(end.code, EXIT_CODES[signal], end.stderr)
    const { total } = lastJson(end)
    assert.is(total.unaccounted, 0)
    assert.ok(total.read >= read)
    read = total.read
    stopped++
  }
  assert.ok(stopped > 0)
  const last = lastJson(await runCli(args, folder))
  assert.is(last.thisRun.read, last.total.read - read)
  assert.equal(last.total, undisturbed.total)
  assert.equal(await differencesOf(join(folder, 'stopped.duckdb'), join(folder, 'undisturbed.duckdb')), [])
}))

test.run()

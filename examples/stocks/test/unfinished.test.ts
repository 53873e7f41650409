// A report of a backfill that was interrupted says so, and one of a finished backfill does not.
import { join } from 'node:path'
import { runLocal } from '@millrace/core'
import { intercept, type PortCall } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generateDay } from '#src/generate/day.js'
import { batch } from '#src/pipeline.js'
import { lastJson, runCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('an unfinished backfill')

/** Ends a run as a crash would, before the given call. */
const crashBefore = async (folder: string, isTheCall: (call: PortCall) => boolean): Promise<void> => {
  const before = (call: PortCall): void => {
    if (!isTheCall(call)) return
    void job.cancel()
    throw new Error('crashed')
  }
  const instrument = intercept({ before, after: () => undefined })
  const job = runLocal(batch, { paths: [join(folder, 'day')], db: join(folder, 'x.duckdb') }, { epochMillis: 0, instrument })
  await job.done.then(() => assert.unreachable('it was to be interrupted'), () => {})
}

test('after some checkpoints: files and time, until the same files are read to their end', inTemporaryFolder(async (folder) => {
  const { files } = generateDay({ directory: join(folder, 'day'), trades: 60_000 })
  let commits = 0
  await crashBefore(folder, ({ method }) => method === 'commitEpoch' && ++commits === 4)
  const { code, stdout } = await runCli(['report', '--db', 'x.duckdb'], folder)
  assert.is(code, 0)
  assert.match(stdout, /^Unfinished {2}the backfill of \d+ files begun at \d{4}-\d\d-\d\d [\d:.]+ UTC has not come to its end/)
  assert.match(stdout, /\n {2}npm run stocks -- backfill PATH\.\.\. --db x\.duckdb\n/)
  const { unfinished } = lastJson(await runCli(['report', '--db', 'x.duckdb', '--json'], folder))
  assert.is(unfinished.files, files.length)
  assert.ok(Math.abs(Date.now() - unfinished.startedAtMillis) < 60_000)

  await runCli(['backfill', 'day', '--db', 'x.duckdb'], folder)
  assert.match((await runCli(['report', '--db', 'x.duckdb'], folder)).stdout, /^Bars /)
  assert.is(lastJson(await runCli(['report', '--db', 'x.duckdb', '--json'], folder)).unfinished, null)
}))

test('before the first checkpoint', inTemporaryFolder(async (folder) => {
  generateDay({ directory: join(folder, 'day'), trades: 5_000 })
  await crashBefore(folder, ({ method }) => method === 'commitEpoch')
  const { stdout } = await runCli(['report', '--db', 'x.duckdb'], folder)
  assert.match(stdout, /^Unfinished {2}a run has not come to its first checkpoint: nothing of it is below/)
  assert.equal(lastJson(await runCli(['report', '--db', 'x.duckdb', '--json'], folder)).unfinished, { startedAtMillis: null, files: null })
}))

test.run()

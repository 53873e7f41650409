// @deadline 900 s
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCrashPoints, sampleCrashPoints } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareBackfills } from './crash/contents.js'
import { smallFolder } from './crash/small-folder.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('the backfill, killed at crash points')
const program = fileURLToPath(new URL('crash/backfill-program.js', import.meta.url))

/** All of them: `MILLRACE_CRASH_POINTS=all`. */
const most = process.env['MILLRACE_CRASH_POINTS'] === 'all' ? Infinity : 16

test('a run leaves the tables and the ledger of an undisturbed one', inTemporaryFolder(async (folder) => {
  const input = join(folder, 'input')
  smallFolder(input)
  const { crashed } = await runCrashPoints({
    program,
    args: (directory) => [input, directory],
    parallel: 2,
    choose: (points) => sampleCrashPoints(points, most),
    compare: compareBackfills,
    print: (line) => console.log(line),
  })
  assert.ok(crashed.length >= 16)
}))

test.run()

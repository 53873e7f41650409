// The runner's own test: every way in which a test file can look green without being so must come out red.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runFile } from './run-file.mjs'
import { judge } from './verdict.mjs'

const tools = join(dirname(fileURLToPath(import.meta.url)), '..')
const run = (name, seconds = 20) =>
  runFile({ path: join(tools, 'test-fixtures', `${name}.mjs`), seconds }, { cwd: tools, leakGraceMillis: 200 })
const verdict = async (name, { seconds, ci = false } = {}) => judge(await run(name, seconds), { ci })

const test = suite('test runner')

test('green is green, and counted', async () => {
  const { red, passed, failed, skipped } = await verdict('green')
  assert.equal({ red, passed, failed, skipped }, { red: undefined, passed: 2, failed: 0, skipped: 0 })
})

const exitsWithZero = ['no-run', 'empty-suite', 'not-an-error', 'throwing-before']
for (const name of exitsWithZero) {
  test(`${name}: uvu says 0, the runner says red`, async () => {
    const result = await run(name)
    assert.is(result.exitCode, 0, 'uvu has been mended: this fixture proves nothing any more')
    assert.type(judge(result, { ci: false }).red, 'string')
    assert.ok(judge(result, { ci: false }).failed > 0)
  })
}

for (const name of ['failing', 'rejects-late', 'exits-early']) {
  test(`${name}: red`, async () => {
    const { red, failed } = await verdict(name)
    assert.type(red, 'string')
    assert.ok(failed > 0)
  })
}

test('a leaked handle is ended soon, and red', async () => {
  assert.match((await verdict('leaked-timer')).red, 'leaked')
})

test('a test that never settles is ended at its deadline, and red', async () => {
  assert.match((await verdict('never-settles', { seconds: 1 })).red, 'within 1 s')
})

test('a skip must say why; without data it stays a skip, without a tool it fails in CI', async () => {
  assert.match((await verdict('silent-skip')).red, 'without saying why')
  const data = await verdict('data-skip', { ci: true })
  assert.equal({ red: data.red, skipped: data.skipped, reasons: data.reasons.length }, { red: undefined, skipped: 1, reasons: 1 })
  assert.is((await verdict('toolchain-skip', { ci: false })).red, undefined)
  assert.match((await verdict('toolchain-skip', { ci: true })).red, 'no compiler')
})

test('a filter that matches no file is red, and the last line has the form it must have', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(tools, 'test.mjs'), 'no such file'], { encoding: 'utf8' })
  assert.is(status, 1)
  assert.match(stdout, /\n0 passed, 1 failed, 0 skipped\n$/)
})

test.run()

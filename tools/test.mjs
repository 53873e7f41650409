// Runs everything that must hold: lint, then every test file, each in a process of its own.
// Usage: node tools/test.mjs [FILTER]   (only the files whose path contains FILTER, without lint)
// The last line is `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { prepare, root } from './prepare.mjs'
import { findTests } from './test/find.mjs'
import { killAll, runFile } from './test/run-file.mjs'
import { judge } from './test/verdict.mjs'

const filter = process.argv[2] ?? ''
const ci = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false'
const say = (text) => process.stdout.write(`${text}\n`)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    killAll()
    process.exit(1)
  })
}

const lint = () => {
  const started = Date.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools', 'lint.mjs')], { cwd: root, encoding: 'utf8' })
  const red = status === 0 ? undefined : 'it found something (above)'
  return { label: 'lint', red, output: `${stdout}${stderr}`, passed: red ? 0 : 1, failed: red ? 1 : 0, skipped: 0, reasons: [], millis: Date.now() - started }
}

const report = ({ label, red, output, passed, skipped, reasons, millis }) => {
  if (red !== undefined) say(`\n──── ${label}\n${output.trimEnd()}\n──── ${label}`)
  const counts = `${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  say(`${red === undefined ? 'ok  ' : 'FAIL'}  ${label}  ${counts}  ${(millis / 1_000).toFixed(1)} s${red === undefined ? '' : `: ${red}`}`)
  for (const reason of new Set(reasons)) say(`      skipped: ${reason}`)
}

const runAll = async (files, done) => {
  const waiting = [...files]
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const run = await runFile(file, { cwd: root })
      done({ label: file.label, ...run, ...judge(run, { ci }) })
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker))
}

const main = async () => {
  const results = []
  const done = (result) => {
    results.push(result)
    report(result)
  }
  const nothing = (red) => done({ label: 'test', red, output: '', passed: 0, failed: 1, skipped: 0, reasons: [], millis: 0 })
  if (!prepare()) nothing('the checkout could not be made ready')
  else {
    if (filter === '') done(lint())
    const files = findTests(root, filter)
    if (files.length === 0) nothing(filter === '' ? 'there are no test files' : `no test file's path contains ${JSON.stringify(filter)}`)
    await runAll(files, done)
  }
  const total = (of) => results.reduce((sum, result) => sum + result[of], 0)
  const red = results.filter((result) => result.red !== undefined)
  if (red.length > 0) say(`\nFailed:\n${red.map((result) => `  ${result.label}: ${result.red}`).join('\n')}`)
  say(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
  process.exitCode = red.length === 0 ? 0 : 1
}

await main()

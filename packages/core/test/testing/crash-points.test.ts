import { crashAt, crashProbe, fileTable, manualClock, memoryCheckpoints, runCrashPoints, sampleCrashPoints, type CrashReport } from '@millrace/core/testing'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('crash points')
const program = fileURLToPath(new URL('crash-program.js', import.meta.url))

const rowsIn = (directory: string): readonly string[] =>
  fileTable<string>({ path: join(directory, 'table.jsonl') }).rows().map((row) => row.value)

const compare = (directory: string, undisturbed: string): void => {
  const [rows, expected] = [rowsIn(directory), rowsIn(undisturbed)]
  assert.is(expected.length, 6)
  if (rows.join() !== expected.join()) throw new Error(`rows ${rows.join()} instead of ${expected.join()}`)
}

const only =
  (...wanted: readonly string[]) =>
  (points: readonly string[]): readonly string[] =>
    points.filter((point) => wanted.includes(point))

const everyFifth = (points: readonly string[]): readonly string[] => points.filter((_, index) => index % 5 === 4)

test('an exact program survives a kill at its points', async () => {
  const lines: string[] = []
  const report = await runCrashPoints({ program, compare, choose: everyFifth, parallel: 2, print: (line) => lines.push(line) })
  assert.ok(report.points.length > 40, report.points.join())
  assert.equal(report.crashed, everyFifth(report.points))
  for (const name of ['source letters.next:after', 'sink rows.commit:before', 'checkpoints.write:after', 'clock.sleep:before']) {
    assert.ok(report.points.includes(`${name}#3`), `${name}#3 is not among ${report.points.join(', ')}`)
  }
  assert.ok(lines.includes(`1 ${report.points[0]}`), 'the list was not printed')
})

test('and kills in a row, in its recovery too', async () => {
  const choose = only('sink rows.commit:before#1', 'checkpoints.write:after#1')
  const report = await runCrashPoints({ program, compare, choose, kills: 3, parallel: 2 })
  assert.equal(report.crashed, ['checkpoints.write:after#1', 'sink rows.commit:before#1'])
})

const failureOf = (run: Promise<CrashReport>): Promise<string> =>
  run.then(
    () => 'it passed',
    (error: Error) => {
      // What failed is left to be looked at.
      const root = /see (\S+)\)/.exec(error.message)?.[1]
      if (root !== undefined) rmSync(root, { recursive: true })
      return error.message
    },
  )

test('a program that repeats rows is caught where the checkpoint comes after them', async () => {
  const choose = only('sink rows.write:after#2')
  const message = await failureOf(runCrashPoints({ program, compare, choose, env: { BROKEN: 'repeats' } }))
  assert.match(message, /^1 crash points failed/)
  assert.match(message, /sink rows.write:after#2: rows a1,a2,b1,b2,b1,b2,c1,c2 instead of a1,a2,b1,b2,c1,c2/)
})

test('a program that forgets to commit the last token is caught between checkpoint and commit', async () => {
  const choose = only('checkpoints.write:after#2')
  const message = await failureOf(runCrashPoints({ program, compare, choose, env: { BROKEN: 'forgets' } }))
  assert.match(message, /checkpoints.write:after#2: rows a1,a2,c1,c2 instead of/)
})

test('a program that cannot resume is shown with what it printed', async () => {
  const choose = only('checkpoints.write:after#1')
  const message = await failureOf(runCrashPoints({ program, compare, choose, env: { BROKEN: 'fails' } }))
  assert.match(message, /it did not resume: exit code 1; it printed:[^]*cannot resume/)
})

test('a point that is never reached is a failure, unless it may be missed', async () => {
  const choose = (): readonly string[] => ['sink rows.commit:after#99']
  assert.match(await failureOf(runCrashPoints({ program, compare, choose })), /it was not reached in 3 runs/)
  const report = await runCrashPoints({ program, compare, choose, mayMiss: () => true })
  assert.equal(report.missed, choose())
})

test('a program without points, and one that fails undisturbed, are refused', async () => {
  const withoutPoints = fileURLToPath(new URL('uvu-runner.js', import.meta.url))
  assert.match(await failureOf(runCrashPoints({ program: withoutPoints, compare, env: {} })), /passed none: does it give/)
  const missing = failureOf(runCrashPoints({ program: '/no/such/program.js', compare }))
  assert.match(await missing, /the undisturbed run failed: exit code 1/)
})

test('points are numbered by occurrence; the clock is asked too often for all of its calls to be points', async () => {
  const points: string[] = []
  const probe = crashProbe((name, occurrence) => points.push(`${name}#${occurrence}`))
  const clock = probe.clock(manualClock())
  for (let i = 0; i < 9; i++) clock.now()
  const checkpoints = probe.checkpoints(memoryCheckpoints())
  await checkpoints.read('p')
  await checkpoints.read('p')
  assert.equal(points, [
    ...[1, 2, 4, 8].map((count) => `clock.now:before#${count}`),
    ...['checkpoints.read:before#1', 'checkpoints.read:after#1', 'checkpoints.read:before#2', 'checkpoints.read:after#2'],
  ])
})

test('crashAt passes other points by', () => {
  const at = crashAt('a#2')
  at('a', 1)
  at('b', 2)
  crashAt(3)('a', 1)
})

test('a sample has the first and last of every name, and others evenly between', () => {
  const points = [...Array.from({ length: 100 }, (_, index) => `next#${index + 1}`), 'close#1']
  const sample = sampleCrashPoints(points, 13)
  assert.is(sample.length, 13)
  for (const point of ['next#1', 'next#100', 'close#1']) assert.ok(sample.includes(point), point)
  assert.equal(sampleCrashPoints(points, 1_000), points)
})

test.run()

import type { DeadLetter } from '@millrace/core'
import { fileTable, runCrashPoints } from '@millrace/core/testing'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('the runtime, files and the memory sink, killed at crash points')
const program = fileURLToPath(new URL('runtime-crash-program.js', import.meta.url))

/** All of them: `MILLRACE_CRASH_POINTS=all`. */
const most = process.env['MILLRACE_CRASH_POINTS'] === 'all' ? Infinity : 12

interface Left {
  readonly bars: readonly unknown[]
  readonly deadLetters: readonly unknown[]
  readonly ledger: unknown
}

const byId = <A>(directory: string, file: string): readonly { readonly value: A; readonly rowId: string }[] =>
  fileTable<A>({ path: join(directory, file) })
    .rows()
    .toSorted((a, b) => (a.rowId < b.rowId ? -1 : 1))

/** All but what may differ between runs. */
const stable = ({ occurred_at, attempt, stack, ...row }: DeadLetter): unknown => row

const left = (directory: string): Left => ({
  bars: byId(directory, 'bars.jsonl'),
  deadLetters: byId<DeadLetter>(directory, 'dead-letters.jsonl').map(({ value, rowId }) => [rowId, stable(value)]),
  ledger: JSON.parse(readFileSync(join(directory, 'ledger.json'), 'utf8')),
})

/** `count` of them, evenly from the first to the last. */
const evenly = (points: readonly string[], count: number): readonly string[] =>
  points.length <= count ? points : Array.from({ length: count }, (_, index) => points[Math.floor(((index + 0.5) * points.length) / count)] ?? '')

test('leaves the rows, dead letters and ledger of an undisturbed run', async () => {
  const { points, crashed } = await runCrashPoints({
    program,
    parallel: 2,
    choose: (all) => evenly(all, most),
    compare: (directory, undisturbed) => assert.equal(left(directory), left(undisturbed)),
  })
  assert.ok(crashed.length > 0)
  for (const name of ['sink bars.commit:before', 'sink dead letters.prepare:after', 'checkpoints.write:before', 'source ticks.next:before']) {
    assert.ok(points.includes(`${name}#2`), `${name}#2 is not among ${points.join(', ')}`)
  }
})

test.run()

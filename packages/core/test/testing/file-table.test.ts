import { fileTable, memorySink, memoryTable, sinkConformance } from '@millrace/core/testing'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tableHarness, type Value } from './sink-harness.js'
import { uvuRunner } from './uvu-runner.js'

const folder = mkdtempSync(join(tmpdir(), 'file-table-'))
const freshPath = ((): (() => string) => {
  let count = 0
  return () => join(folder, String(count++), 'table.jsonl')
})()

for (const guarantee of ['exact', 'idempotent', 'repeating'] as const) {
  const conformance = suite(`memory sink into a file, ${guarantee}: conformance`)
  // Each call of `newTable` begins a new target; a reopened one reads the same file anew.
  let path = ''
  const newTable = () => {
    path = freshPath()
    return fileTable<Value>({ path })
  }
  sinkConformance(uvuRunner(conformance), tableHarness(guarantee, { newTable, reopen: () => fileTable<Value>({ path }) }))
  conformance.run()
}

const test = suite('tables')

test('a file that is cut anywhere in its last line gives all lines before', async () => {
  const path = freshPath()
  const table = fileTable<string>({ path })
  await table.commit('p', 1, [{ value: 'a', rowId: '1' }])
  const whole = readFileSync(path).length
  await table.commit('p', 2, [{ value: 'b', rowId: '2' }])
  const end = readFileSync(path).length
  for (let cut = end - 1; cut >= whole; cut--) {
    truncateSync(path, cut)
    assert.equal(fileTable<string>({ path }).rows().map((row) => row.value), ['a'], `cut at ${cut}`)
    assert.is(readFileSync(path).length, whole, 'what was torn is cut off')
  }
})

test('a line that is not JSON is an error that names file and line', () => {
  const path = freshPath()
  const table = fileTable<string>({ path })
  assert.equal(table.rows(), [])
  appendFileSync(path, 'nonsense\n')
  assert.throws(() => fileTable<string>({ path }).rows(), (error: Error) => error.message.startsWith(`${path}:1:`))
})

test('constructing a file table touches nothing', () => {
  const path = freshPath()
  fileTable({ path })
  assert.not(existsSync(path))
})

test('values that JSON has no word for survive a file', async () => {
  const path = freshPath()
  const value = { nan: Number.NaN, infinite: [Infinity, -Infinity], bytes: Uint8Array.of(0, 255), none: null, text: '\u2028"' }
  await fileTable<typeof value>({ path }).append([{ value, rowId: 'x' }])
  assert.equal(fileTable<typeof value>({ path }).rows()[0]?.value, value)
  const buffer = { bytes: Buffer.of(1, 2) }
  await fileTable<typeof buffer>({ path }).append([{ value: buffer, rowId: 'y' }])
  assert.equal([...(fileTable<typeof buffer>({ path }).rows()[1]?.value.bytes ?? [])], [1, 2])
})

for (const [name, table] of [['memory', memoryTable<string>()], ['file', fileTable<string>({ path: freshPath() })]] as const) {
  test(`an epoch that comes again with other rows is refused by a table in ${name}`, async () => {
    await table.commit('p', 1, [{ value: 'a', rowId: '1' }])
    await table.commit('p', 1, [{ value: 'a', rowId: '1' }])
    await table.commit('another pipeline', 1, [{ value: 'c', rowId: '3' }])
    const error = await table.commit('p', 1, [{ value: 'b', rowId: '2' }]).then(
      () => undefined,
      (reason: Error) => reason,
    )
    assert.match(error?.message ?? '', /epoch 1 of pipeline p was committed before with other rows/)
    assert.equal(table.rows().map((row) => row.value), ['a', 'c'])
  })
}

test('a memory sink retries as often as it is told to', async () => {
  const failure = { _tag: 'Busy', code: 'Unavailable', message: 'busy', retryable: true } as const
  const sink = memorySink<string>({ guarantee: 'repeating', retry: (_row, attempt) => (attempt < 2 ? { failure, afterMillis: 5 } : undefined) })
  const writer = await sink.open({} as never)
  const row = { value: 'a', rowId: '1' }
  const outcomes = [await writer.write([row]), await writer.write([row]), await writer.write([row])].flat()
  assert.equal(outcomes, [{ _tag: 'Retry', failure, afterMillis: 5 }, { _tag: 'Retry', failure, afterMillis: 5 }, { _tag: 'Written' }])
  assert.equal(sink.rows(), [row])
})

test.after(() => rmSync(folder, { recursive: true }))
test.run()

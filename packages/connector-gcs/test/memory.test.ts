import { objects, type ObjectStore } from '@millrace/connector-gcs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testContext } from './reading.js'

const test = suite('memory')

const MIB = 1024 * 1024
const CONTENT_BYTES = 200 * MIB
/** A chunk ahead, a chunk in work, what the collector has not come to yet: nothing that grows with the content. */
const ALLOWED_BYTES = 100 * MIB

const endless = (name: string, head: string, block: string, tail: string): ObjectStore => ({
  list: async () => [{ name, sizeBytes: CONTENT_BYTES }],
  open: async function* () {
    const blocks = Buffer.from(block.repeat(Math.ceil(262_144 / block.length)))
    yield Buffer.from(head)
    for (let given = 0; given < CONTENT_BYTES; given += blocks.length) yield Buffer.from(blocks)
    yield Buffer.from(tail)
  },
  verify: async () => {},
})

interface Seen {
  readonly records: number
  readonly failures: readonly string[]
  readonly grownBytes: number
}

const read = (store: ObjectStore, name: string): Promise<Seen> => new Promise((resolve, reject) => {
  let records = 0
  const failures: string[] = []
  const before = process.memoryUsage.rss()
  let most = before
  objects(store, { maxRecordBytes: MIB }).read(name, undefined, testContext()).subscribe({
    next: (batch) => {
      if (!('_tag' in batch.records)) return
      records += batch.records.count
      for (const failure of batch.records.failures?.values() ?? []) failures.push(failure._tag)
      most = Math.max(most, process.memoryUsage.rss())
    },
    error: reject,
    complete: () => resolve({ records, failures, grownBytes: most - before }),
  })
})

const element = `{"s":"ACME","p":10.5,"v":100,"t":1700000000100,"pad":"${'x'.repeat(950)}"}`
const elements = Math.ceil(CONTENT_BYTES / (262_144 / (element.length + 1)) / (element.length + 1))

const rows: readonly (readonly [what: string, store: ObjectStore, name: string, check: (seen: Seen) => void])[] = [
  ['a long array', endless('x.json', '[', `${element},`, '1]'), 'x.json', ({ records, failures }) => {
    assert.ok(records > elements)
    assert.equal(failures, [])
  }],
  ['a long line between others', endless('x.ndjson', '1\n', 'x', '\n2\n'), 'x.ndjson', ({ records, failures }) => {
    assert.is(records, 3)
    assert.equal(failures, ['Oversized'])
  }],
  ['a string that never ends', endless('x.json', '[1,"', 'x', ''), 'x.json', ({ records, failures }) => {
    assert.is(records, 2)
    assert.equal(failures, ['Unterminated'])
  }],
  ['brackets without end', endless('x.json', '[', '[', ''), 'x.json', ({ records, failures }) => {
    assert.is(records, 1)
    assert.equal(failures, ['Unterminated'])
  }],
  ['a long document', endless('x.json', '{\n"a":[', '1,\n', '1]}'), 'x.json', ({ records, failures }) => {
    assert.is(records, 1)
    assert.equal(failures, ['Oversized'])
  }],
  ['text behind an array', endless('x.json', '[]', 'x\n', ''), 'x.json', ({ records, failures }) => {
    assert.is(records, 1)
    assert.equal(failures, ['TextAfterArray'])
  }],
  ['blanks', endless('x.json', '', ' \n', '1'), 'x.json', ({ records }) => assert.is(records, 1)],
  ['nothing but commas', endless('x.json', '[', `${' '.repeat(1000)},`, '1]'), 'x.json', ({ records, failures }) => assert.is(records, failures.length + 1)],
]

for (const [what, store, name, check] of rows) {
  test(`${what} of 200 MiB`, async () => {
    const seen = await read(store, name)
    check(seen)
    assert.ok(seen.grownBytes < ALLOWED_BYTES, `it grew by ${Math.round(seen.grownBytes / MIB)} MiB`)
  })
}

test.run()

import { appendFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { folder } from '@millrace/connector-gcs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Batch, connectorError, readBatches, testContext } from './reading.js'
import { withFolder } from './temp-folder.js'

const test = suite('files that change')

const CONTENT = '{"a":1}\n'.repeat(200_000)

type Change = (file: string) => Promise<unknown>

/** Changes the file when it is listed, or when some of it was read, and gives what the read errors with. */
const readChanging = async (change: Change, when: 'listed' | 'reading'): Promise<{ readonly error: Error & { readonly code?: string }, readonly file: string, readonly batches: readonly Batch[] }> => {
  let result: Awaited<ReturnType<typeof readChanging>> | undefined
  await withFolder({ 'x.ndjson': CONTENT }, async (path) => {
    const file = join(path, 'x.ndjson')
    const source = folder({ paths: path })
    const context = testContext(when === 'listed' ? Infinity : 3)
    await source.partitions(context)
    if (when === 'listed') await change(file)
    const batches: Batch[] = []
    const error = connectorError(new Promise<void>((resolve, reject) => {
      source.read(file, undefined, context).subscribe({
        next: (batch) => {
          batches.push(batch)
          context.credit.take()
        },
        error: reject,
        complete: resolve,
      })
    }))
    if (when === 'reading') {
      while (batches.length < 3) await setTimeout(1)
      await change(file)
      context.credit.grant(Infinity)
    }
    result = { error: await error, file, batches }
  })
  if (result === undefined) throw new Error('nothing came of it')
  return result
}

const changes: readonly (readonly [what: string, change: Change, message: RegExp])[] = [
  ['grows', (file) => appendFile(file, '{"a":2}\n'), /it had 1600000 bytes, now it has 1600008/],
  ['shrinks', (file) => truncate(file, 1_000_000), /it had 1600000 bytes, now it (has|ends at) 1000000/],
  ['is written over', async (file) => {
    await setTimeout(20)
    await writeFile(file, CONTENT.replaceAll('1', '2'))
  }, /it was written to/],
  ['is touched', async (file) => utimes(file, 1, 1), /it was written to/],
  ['is replaced by another, of the same size and time', async (file) => {
    const { atime, mtime } = await stat(file)
    await writeFile(`${file}.new`, CONTENT)
    await utimes(`${file}.new`, atime, mtime)
    await rename(`${file}.new`, file)
  }, /another file has taken its place/],
]

for (const [what, change, message] of changes) {
  for (const when of ['listed', 'reading'] as const) {
    test(`a file that ${what}, once it is ${when === 'listed' ? 'listed' : 'partly read'}`, async () => {
      const { error, file, batches } = await readChanging(change, when)
      assert.is(error.code, 'FailedPrecondition')
      assert.ok(error.message.startsWith(`${file} changed while it was read`), error.message)
      assert.match(error.message, message)
      assert.match(error.message, /read a copy, then run again/)
      assert.ok(batches.every((batch) => batch.contentDigest === undefined && batch.offset.frame !== 'done'), 'no batch was taken for the last')
      if (when === 'listed') assert.equal(batches, [])
    })
  }
}

test('a file that vanishes', async () => {
  for (const when of ['listed', 'reading'] as const) {
    const { error, file } = await readChanging((path) => rm(path), when)
    assert.is(error.code, 'NotFound')
    assert.match(error.message, /is not there any more$/)
    assert.ok(error.message.startsWith(file), error.message)
  }
})

test('a file that ended before the place to resume at', () =>
  withFolder({ 'x.ndjson': CONTENT }, async (path) => {
    const file = join(path, 'x.ndjson')
    const offset = (await readBatches(folder({ paths: path }), file)).at(-2)?.offset
    await truncate(file, 100)
    const error = await connectorError(readBatches(folder({ paths: path }), file, offset))
    assert.is(error.code, 'FailedPrecondition')
    assert.match(error.message, /it ends before byte/)
  }))

test.run()

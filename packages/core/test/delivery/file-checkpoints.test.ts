import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileCheckpoints } from '@millrace/core'
import { folderName } from '#src/delivery/files/folder-name.js'
import {
  bytes,
  checkpointAfter,
  errorOf,
  fileOf,
  pipeline,
  plain,
  readFrom,
  temporaryFolder,
  withStore,
  writeNumber,
} from './checkpoint-files.js'

const test = suite('fileCheckpoints')

test('constructing opens nothing, reading an unknown pipeline gives nothing', async () => {
  const directory = temporaryFolder()
  const store = fileCheckpoints({ directory: join(directory, 'not', 'there', 'yet') })
  assert.equal(readdirSync(directory), [])
  assert.is(await store.read(pipeline), undefined)
  await store.close()
})

test('gives back what was written, by the same store and by the next', async () => {
  const directory = temporaryFolder()
  for (let from = 0; from < 12; from += 3) {
    await withStore(directory, async (store) => {
      if (from % 2 === 0) assert.equal(plain(await store.read(pipeline)), plain(checkpointAfter(from)))
      for (let n = from + 1; n <= from + 3; n++) {
        await store.write(pipeline, writeNumber(n))
        assert.equal(plain(await store.read(pipeline)), plain(checkpointAfter(n)), `write ${n}`)
      }
    })
    assert.equal(await readFrom(directory), plain(checkpointAfter(from + 3)))
  }
})

test('keeps data as it is in the header', async () => {
  const directory = temporaryFolder()
  const header = {
    nan: NaN,
    far: [Infinity, -Infinity],
    big: 2 ** 53,
    none: null,
    raw: bytes(0, 255),
    deep: { é: [[]], '': true },
  }
  await withStore(directory, (store) => store.write(pipeline, { header, reset: false, changes: [] }))
  const stored = await withStore(directory, (store) => store.read(pipeline))
  assert.equal(stored, { header, changes: [] })
})

test('a reset leaves one log, and a large change survives', async () => {
  const directory = temporaryFolder()
  const large = new Uint8Array(3_000_000).fill(7)
  await withStore(directory, async (store) => {
    await store.write(pipeline, { header: 1, reset: false, changes: [bytes(1)] })
    await store.write(pipeline, { header: 2, reset: true, changes: [large, bytes(2)] })
  })
  assert.equal(readdirSync(join(directory, folderName(pipeline))).sort(), ['changes-2.log', 'header'])
  const stored = await withStore(directory, (store) => store.read(pipeline))
  assert.is(stored?.changes.length, 2)
  assert.is(Buffer.compare(stored?.changes[0] ?? bytes(), large), 0)
})

test('keeps pipelines apart, whatever their names', async () => {
  const directory = temporaryFolder()
  const names = [
    'a',
    'A',
    '',
    '.',
    '..',
    '../a',
    'a/b',
    'a\\b',
    'a b',
    'con',
    '%',
    '%61',
    'é',
    '\0',
    'x'.repeat(300),
    `${'x'.repeat(300)}y`,
  ]
  await withStore(directory, async (store) => {
    for (const name of names) await store.write(name, { header: name, reset: false, changes: [] })
  })
  assert.is(readdirSync(directory).length, names.length)
  await withStore(directory, async (store) => {
    for (const name of names) assert.is((await store.read(name))?.header, name)
  })
})

test('writes that are asked at once happen in turn', async () => {
  const directory = temporaryFolder()
  const store = fileCheckpoints({ directory })
  const writes = [1, 2, 3, 4, 5].map((n) => store.write(pipeline, writeNumber(n)))
  await Promise.all([...writes, store.close()])
  assert.equal(await readFrom(directory), plain(checkpointAfter(5)))
})

test('close is idempotent, and nothing is read or written after it', async () => {
  const directory = temporaryFolder()
  const store = fileCheckpoints({ directory })
  await store.write(pipeline, writeNumber(1))
  await Promise.all([store.close(), store.close()])
  await store.close()
  for (const late of [() => store.read(pipeline), () => store.write(pipeline, writeNumber(2))]) {
    const { code, message } = await errorOf(late())
    assert.is(code, 'FailedPrecondition')
    assert.match(message, 'The checkpoint store is closed')
  }
  assert.equal(await readFrom(directory), plain(checkpointAfter(1)))
})

test('a header that is no data is refused, and the checkpoint before stays', async () => {
  const directory = temporaryFolder()
  await withStore(directory, async (store) => {
    await store.write(pipeline, writeNumber(1))
    const header = { f: () => 1 } as never // what a mistake in the caller could hand over
    await errorOf(store.write(pipeline, { header, reset: false, changes: [bytes(9)] }))
    assert.equal(plain(await store.read(pipeline)), plain(checkpointAfter(1)))
    await store.write(pipeline, writeNumber(2))
  })
  assert.equal(await readFrom(directory), plain(checkpointAfter(2)))
})

test('a file where the folder should be is a clear error', async () => {
  const directory = temporaryFolder()
  const file = join(directory, 'file')
  writeFileSync(file, '')
  const { code, message } = await errorOf(readFrom(file))
  assert.is(code, 'FailedPrecondition')
  assert.ok(message.includes(file) && message.includes('choose another directory'), message)
})

test('names its files after the pipeline', async () => {
  const directory = temporaryFolder()
  await withStore(directory, (store) => store.write(pipeline, writeNumber(1)))
  assert.is(fileOf(directory, 'header'), join(directory, 'stocks', 'header'))
  assert.equal(readdirSync(join(directory, 'stocks')).sort(), ['changes-1.log', 'header'])
})

test.run()

import { readdirSync, readlinkSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { folder, objects } from '@millrace/connector-gcs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryStore } from './memory-store.js'
import { type Batch, connectorError, readBatches, testContext } from './reading.js'
import { withFolder } from './temp-folder.js'

const test = suite('control')

const FDS = '/proc/self/fd'
const CONTENT = '{"a":1}\n'.repeat(500_000)

const target = (fd: string): string => {
  try {
    return readlinkSync(join(FDS, fd))
  } catch {
    return ''
  }
}

const openUnder = (path: string): number => readdirSync(FDS).filter((fd) => target(fd).startsWith(path)).length

const becomesClosed = async (path: string): Promise<void> => {
  for (let tries = 0; openUnder(path) > 0; tries++) {
    assert.ok(tries < 50, 'a file is open still')
    await setTimeout(2)
  }
}

const onLinux = existsSync(FDS) ? test : test.skip
if (!existsSync(FDS)) console.log('skipped: open files are counted (there is no /proc)')

for (const name of ['x.ndjson', 'x.ndjson.gz']) {
  onLinux(`${name}: unsubscribed, aborted, failed or complete, no file stays open`, () =>
    withFolder({ [name]: name.endsWith('.gz') ? gzipSync(CONTENT) : CONTENT }, async (path) => {
      const file = join(path, name)
      for (const end of ['unsubscribe', 'abort', 'complete'] as const) {
        const context = testContext(end === 'complete' ? Infinity : 2)
        let batches = 0
        let state = 'open'
        const subscription = folder({ paths: path }).read(file, undefined, context).subscribe({
          next: () => {
            batches++
            context.credit.take()
          },
          complete: () => { state = 'complete' },
          error: (error: Error) => { state = error.name },
        })
        while (end === 'complete' ? state === 'open' : batches < 2) await setTimeout(1)
        if (end !== 'complete') assert.is(openUnder(path), 1, 'the file is open while there is more to read')
        if (end === 'unsubscribe') subscription.unsubscribe()
        if (end === 'abort') context.controller.abort(new Error('enough'))
        await becomesClosed(path)
        const given = batches
        context.credit.grant(Infinity)
        await setTimeout(5)
        assert.is(batches, given, 'nothing comes afterwards')
        assert.is(state, { unsubscribe: 'open', abort: 'Cancelled', complete: 'complete' }[end])
      }
    }))
}

onLinux('unsubscribed at once, it opens nothing or closes it', () =>
  withFolder({ 'x.ndjson': CONTENT }, async (path) => {
    for (let i = 0; i < 20; i++) {
      const source = folder({ paths: path })
      if (i % 2 === 0) await source.partitions(testContext())
      const subscription = source.read(join(path, 'x.ndjson'), undefined, testContext()).subscribe()
      if (i % 4 > 1) await setTimeout(0)
      subscription.unsubscribe()
    }
    await setTimeout(5)
    await becomesClosed(path)
  }))

test('a read whose signal is aborted already gives nothing', async () => {
  const context = testContext()
  context.controller.abort(new Error('enough'))
  const error = await connectorError(readBatches(objects(memoryStore(Buffer.from('[1]'))), 'x.json', undefined, context))
  assert.is(error.code, 'Cancelled')
  assert.is((error.cause as Error).message, 'enough')
})

test('nothing is given without credit, and no more than one chunk is read ahead', async () => {
  const bytes = Buffer.from(CONTENT)
  const context = testContext(0)
  const batches: Batch[] = []
  let chunks = 0
  const store = memoryStore(bytes, 10_000, 'x.ndjson')
  const source = objects({ ...store, open: async function* (object, from, signal) {
    for await (const chunk of store.open(object, from, signal)) {
      chunks++
      yield chunk
    }
  } })
  const subscription = source.read('x.ndjson', undefined, context).subscribe((batch) => {
    batches.push(batch)
    context.credit.take()
  })
  for (let granted = 0; granted < 5; granted++) {
    await setTimeout(10)
    assert.is(batches.length, granted)
    const framed = (batches.at(-1)?.offset.byte ?? 0) / 10_000
    // The batch that waits for credit, the one held back behind it, and the chunk ahead.
    assert.ok(chunks <= framed + 4, `${chunks} chunks were read, ${framed} given`)
    context.credit.grant(1)
  }
  subscription.unsubscribe()
})

test('credit that never comes holds nothing back once it is unsubscribed', async () => {
  let returned = 0
  const store = memoryStore(Buffer.from(CONTENT), 10_000, 'x.ndjson')
  const source = objects({ ...store, open: async function* (object, from, signal) {
    try {
      yield* store.open(object, from, signal)
    } finally {
      returned++
    }
  } })
  const context = { ...testContext(), credit: { ready: () => new Promise<void>(() => {}), paused$: testContext().credit.paused$ } }
  const subscription = source.read('x.ndjson', undefined, context).subscribe()
  await setTimeout(5)
  subscription.unsubscribe()
  await setTimeout(5)
  assert.is(returned, 1)
})

test('what the store errors with comes through, classified', async () => {
  const store = memoryStore(Buffer.from('1\n2\n3\n'), 2, 'x.ndjson')
  const source = objects({ ...store, open: async function* (object, from, signal) {
    let count = 0
    for await (const chunk of store.open(object, from, signal)) {
      if (count++ === 2) throw new Error('the disk is gone')
      yield chunk
    }
  } })
  const error = await connectorError(readBatches(source, 'x.ndjson'))
  assert.is(error.code, 'Unknown')
  assert.is(error.message, 'x.ndjson could not be read: Error: the disk is gone')
})

test('several files at once', () =>
  withFolder(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.ndjson`, `{"f":${i}}\n`.repeat(20_000)])), async (path) => {
    const source = folder({ paths: path })
    const partitions = await source.partitions(testContext())
    const counts = await Promise.all(partitions.map(async ({ name }) =>
      (await readBatches(source, name)).reduce((sum, { records }) => sum + ('_tag' in records ? records.count : 0), 0)))
    assert.equal(counts, Array.from({ length: 8 }, () => 20_000))
  }))

test.run()

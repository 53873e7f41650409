// A finished run is the answer of the pipeline that made it: another one must not be told that there is nothing to do.
import { combine, definePipeline, fixedWindows, RefusedError, runLocal, type RunSummary } from '@millrace/core'
import { memoryBatch, memoryRecords, memorySource, memoryStore, memoryStoreData } from '@millrace/core/testing'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('a finished run and another graph')

const run = (data: ReturnType<typeof memoryStoreData>, sizeMillis: number, replace = false): Promise<RunSummary> => {
  const store = memoryStore({ data })
  const pipeline = definePipeline({
    name: 'sizes',
    module: import.meta.url,
    config: t.type({}),
    deadLetters: () => store.sink({ name: 'dead' }),
    build: (p) =>
      p
        .read('ticks', memorySource({ partitions: [{ name: 'a', entries: [memoryBatch(memoryRecords([1, 6_000, 11_000]))], fingerprint: 'one' }] }))
        .eventTime('time', (tick) => tick, { boundMillis: 0 })
        .keyBy('all', () => 'all')
        .window(fixedWindows({ sizeMillis }))
        .aggregate('count', combine.count<number>())
        .map('row', ({ key, window, value }) => ({ key, start: window.startMillis, value }))
        .write('counts', store.sink({ name: 'counts' })),
  })
  return runLocal(pipeline, {}, { replace }).done
}

test('the same graph has nothing to do, another is refused and names the stage, and replace computes anew', async () => {
  const data = memoryStoreData()
  assert.is((await run(data, 5_000)).total.delivered['counts'], 3)
  assert.is((await run(data, 5_000)).run.outcome, 'alreadyDone')
  const error = await run(data, 60_000).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, RefusedError)
  assert.match(String(error), /changed 'count'/)
  assert.match(String(error), /--replace/)
  assert.is((await run(data, 5_000)).run.outcome, 'alreadyDone')
  assert.is((await run(data, 60_000, true)).total.delivered['counts'], 1)
})

test.run()

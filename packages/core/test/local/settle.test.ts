import { ConnectorError, runLocal, type Instrument } from '@millrace/core'
import { failing, failWith, intercept, memoryCheckpoints, memorySource, memoryStore, type PortCall } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, reasonOf, single, sourceOf, straight, table, type Tick } from './support.js'

const test = suite('settle')

/** Notes calls, in their order, once they have ended. */
const noting = (calls: string[]): Instrument =>
  intercept({ before: () => undefined, after: ({ port, method }: PortCall) => void (port !== 'clock' && calls.push(`${port} ${method}`)) })

test('is called once the checkpoint that covers it is durable and what it prepared is visible', async () => {
  const calls: string[] = []
  const checkpoints = memoryCheckpoints()
  const built = straight(sourceOf(single(...numbered(3))), table('table', 'exact'), letterBox())
  await runLocal(built, null, { checkpoints, instrument: noting(calls), epochMillis: 0 }).done
  const order = calls.filter((call) => ['sink commit', 'checkpoints write', 'source settle'].includes(call))
  assert.equal(order.slice(0, 3), ['checkpoints write', 'sink commit', 'source settle'])
  order.forEach((call, index) => {
    if (call === 'source settle') assert.is(order[index - 1], 'sink commit')
  })
})

test('with a store it is called after the transaction', async () => {
  const calls: string[] = []
  const store = memoryStore()
  const built = straight(sourceOf(single(...numbered(1))), store.sink<Tick>({ name: 'table' }), letterBox())
  await runLocal(built, null, { instrument: noting(calls) }).done
  assert.ok(calls.indexOf('source settle') > calls.indexOf('store commitEpoch'), calls.join(', '))
})

test('is called with the last offset of each partition that the epoch covers', async () => {
  const source = memorySource<Tick>({
    partitions: [
      { name: 'a', entries: single(...numbered(3)) },
      { name: 'b', entries: single(...numbered(2)) },
      { name: 'empty', entries: [] },
    ],
  })
  const checkpoints = memoryCheckpoints()
  await runLocal(straight(source, table(), letterBox()), null, { checkpoints, epochMillis: 1e9 }).done
  assert.equal(source.settlements(), [{ partition: 'a', upTo: 2 }, { partition: 'b', upTo: 1 }])
})

test('never goes back, nor beyond what was processed', async () => {
  const source = sourceOf(single(...numbered(5)))
  await runLocal(straight(source, table(), letterBox()), null, { checkpoints: memoryCheckpoints(), epochMillis: 0, maxQueuedRecords: 1 }).done
  const offsets = source.settlements().map(({ upTo }) => upTo)
  assert.equal(offsets, offsets.toSorted((a, b) => a - b))
  assert.is(offsets.at(-1), 4)
})

test('is not called when the checkpoint fails', async () => {
  const source = sourceOf(single(...numbered(2)))
  const full = new ConnectorError({ _tag: 'DiskFull', code: 'ResourceExhausted', message: 'the disk is full' })
  const instrument = failing([{ port: 'checkpoints', method: 'write', act: failWith(full) }])
  const job = runLocal(straight(source, table(), letterBox()), null, { checkpoints: memoryCheckpoints(), instrument })
  assert.is(await reasonOf(job.done), full)
  assert.equal(source.settlements(), [])
})

test('when it fails for good the run ends with its error, and can be resumed: the checkpoint stands', async () => {
  const source = sourceOf(single(...numbered(3)))
  const sink = table<Tick>('table', 'exact')
  const checkpoints = memoryCheckpoints()
  const gone = new ConnectorError({ _tag: 'Gone', code: 'NotFound', message: 'the subscription is gone' })
  const instrument = failing([{ port: 'source', method: 'settle', act: failWith(gone) }])
  const first = runLocal(straight(source, sink, letterBox()), null, { checkpoints, instrument, epochMillis: 0, maxQueuedRecords: 1 })
  assert.is(await reasonOf(first.done), gone)
  const { total } = await runLocal(straight(source, sink, letterBox()), null, { checkpoints }).done
  assert.equal([total.read, sink.rows().length, total.unaccounted], [3, 3, 0])
})

test('a source without settle is not asked', async () => {
  const source = memorySource<Tick>({ partitions: [{ name: 'p', entries: single(...numbered(2)) }], capabilities: { acknowledges: false } })
  const { total } = await runLocal(straight(source, table(), letterBox()), null, { checkpoints: memoryCheckpoints() }).done
  assert.equal([total.read, source.settlements()], [2, []])
})

test.run()

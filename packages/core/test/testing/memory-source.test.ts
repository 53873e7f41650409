import { ConnectorError, silentLogger, type SourceContext } from '@millrace/core'
import {
  endOfPartition,
  failOnce,
  flatRecords,
  manualClock,
  memoryBatch,
  memoryRecords,
  memorySource,
  packRecords,
  pauseFor,
  testCredit,
  type ManualClock,
  type MemorySource,
} from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('memorySource')

const batchOf = (...values: readonly string[]) => memoryBatch<string>(memoryRecords(values))

const contextWith = (clock: ManualClock = manualClock(), controller = new AbortController()): SourceContext => ({
  credit: testCredit(Infinity, controller.signal),
  clock,
  random: () => 0,
  signal: controller.signal,
  runStartedAtMillis: 0,
  logger: silentLogger,
  listening: () => undefined,
  ending: new AbortController().signal,
})

/** What a read has given so far, and how it ended. */
const watch = (source: MemorySource<string>, context: SourceContext, after?: number): string[] => {
  const seen: string[] = []
  source.read('p', after, context).subscribe({
    next: (batch) => seen.push(...flatRecords(batch).map((record) => record.value)),
    complete: () => seen.push('completed'),
    error: (error: Error) => seen.push(`error: ${error.message}`),
  })
  return seen
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('pauses on the clock of the context', async () => {
  const source = memorySource({ partitions: [{ name: 'p', entries: [batchOf('a'), pauseFor(100), batchOf('b')] }] })
  const clock = manualClock()
  const seen = watch(source, contextWith(clock))
  await clock.advance(99)
  assert.equal(seen, ['a'])
  await clock.advance(1)
  assert.equal(seen, ['a', 'b', 'completed'])
})

test('fails once, and goes on when it is read again', async () => {
  const down = new ConnectorError({ _tag: 'Down', code: 'Unavailable', message: 'down', retryable: true })
  const source = memorySource({ partitions: [{ name: 'p', entries: [batchOf('a'), failOnce(down), batchOf('b')] }] })
  const first = watch(source, contextWith())
  await turns()
  const second = watch(source, contextWith(), 0)
  await turns()
  assert.equal([first, second], [['a', 'error: down'], ['b', 'completed']])
})

test('an unbounded partition stays open for push, until its end', async () => {
  const source = memorySource<string>({ partitions: [{ name: 'p', entries: [batchOf('a')] }], capabilities: { bounded: false } })
  const seen = watch(source, contextWith())
  await turns()
  assert.equal(seen, ['a'])
  source.push('p', batchOf('b'), batchOf('c'))
  await turns()
  assert.equal(seen, ['a', 'b', 'c'])
  assert.is(source.openReads(), 1)
  source.push('p', endOfPartition)
  await turns()
  assert.equal(seen, ['a', 'b', 'c', 'completed'])
  assert.is(source.openReads(), 0)
})

test('offsets count batches, not orders in between', async () => {
  const entries = [batchOf('a'), pauseFor(5), batchOf('b'), batchOf('c')]
  const source = memorySource<string>({ partitions: [{ name: 'p', entries }] })
  const seen = watch(source, contextWith(), 1)
  await turns()
  assert.equal(seen, ['c', 'completed'])
})

test('an unbounded read errors with the reason when it is aborted', async () => {
  const source = memorySource<string>({ partitions: [{ name: 'p', entries: [] }], capabilities: { bounded: false } })
  const controller = new AbortController()
  const seen = watch(source, contextWith(manualClock(), controller))
  controller.abort(new Error('stopped'))
  await turns()
  assert.equal(seen, ['error: stopped'])
})

test('an offset that never was, and a partition that is not there, are errors that name them', async () => {
  const source = memorySource<string>({ partitions: [{ name: 'p', entries: [batchOf('a')] }] })
  const seen = watch(source, contextWith(), 7)
  assert.match(seen[0] ?? '', /cannot resume partition p after batch 7: it has 1/)
  const errors: string[] = []
  source.read('q', undefined, contextWith()).subscribe({ error: (error: Error) => errors.push(error.message) })
  assert.match(errors[0] ?? '', /no partition "q", only p/)
})

test('remembers what was settled', async () => {
  const source = memorySource<string>({ partitions: [{ name: 'p', entries: [batchOf('a')] }] })
  await source.settle?.('p', 0)
  assert.equal(source.settlements(), [{ partition: 'p', upTo: 0 }])
})

test('hands out packed records by reference', async () => {
  const packed = packRecords(['{"a":1}', '{"a":2}', 'x'], { joinable: true, firstPosition: 100 })
  assert.equal([...packed.positions], [100, 108, 116])
  assert.equal([...(packed.joinable ?? [])], [1, 0, 0])
  const source = memorySource<Uint8Array>({ partitions: [{ name: 'p', entries: [memoryBatch<Uint8Array>(packed)] }] })
  const given: unknown[] = []
  source.read('p', undefined, contextWith()).subscribe((batch) => given.push(batch.records))
  await turns()
  assert.is(given[0], packed)
})

test('refuses two partitions of one name', () => {
  const partition = { name: 'p', entries: [] }
  assert.throws(() => memorySource({ partitions: [partition, partition] }), /same name/)
})

test.run()

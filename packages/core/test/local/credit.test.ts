import { runLocal, type LocalOptions } from '@millrace/core'
import { memoryBatch, memorySource, packRecords } from '@millrace/core/testing'
import { Observable, tap } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batchOf, ownSource } from './pushing-source.js'
import { letterBox, numbered, pipeline, single, sourceOf, straight, table, turns, until, type Tick } from './support.js'

const test = suite('credit and concurrency')

/** A sink that holds everything up until it is let go. */
const gated = () => {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  const inner = table<Tick>()
  const sink: typeof inner = {
    ...inner,
    open: async (context) => {
      const writer = await inner.open(context)
      return { ...writer, write: async (rows) => (await opened, writer.write(rows)) }
    },
  }
  return { sink, open: () => open() }
}

/** Gives as much as it may, as fast as it may; counts what it gave. */
const greedy = (partitions: number, batches: number, records: number) => {
  const given = { records: 0 }
  const names = Array.from({ length: partitions }, (_, index) => `p${index}`)
  const source = ownSource({
    partitions: names,
    read: (_partition, after = -1, { credit, signal }) =>
      new Observable((subscriber) => {
        const pump = async (): Promise<void> => {
          for (let number = after + 1; number < batches && !signal.aborted; number++) {
            await credit.ready()
            given.records += records
            subscriber.next(batchOf(number, records))
          }
          subscriber.complete()
        }
        pump().catch((error: unknown) => subscriber.error(error))
      }),
  })
  return { source, given }
}

const queuedBehindASinkThatIsStuck = async (partitions: number, options: LocalOptions): Promise<number> => {
  const { source, given } = greedy(partitions, 100, 10)
  const { sink, open } = gated()
  const job = runLocal(straight(source, sink, letterBox()), null, { epochMillis: 0, concurrency: partitions, ...options })
  await until('it reads', () => given.records > 0)
  await turns(200)
  const held = given.records - job.ledger.read
  open()
  const { total } = await job.done
  assert.equal([total.read, total.unaccounted], [partitions * 1_000, 0])
  return held
}

test('no more waits than the limit and one batch of each partition', async () => {
  for (const partitions of [1, 4]) {
    const held = await queuedBehindASinkThatIsStuck(partitions, { maxQueuedRecords: 50 })
    assert.ok(held >= 50 && held <= 50 + partitions * 10, `${held} records wait, of ${partitions} partitions`)
  }
})

test('bytes limit it as well, whichever comes first', async () => {
  // A record of memoryRecords counts one byte.
  const held = await queuedBehindASinkThatIsStuck(1, { maxQueuedRecords: 1_000, maxQueuedBytes: 20 })
  assert.ok(held >= 20 && held <= 30, `${held} records wait`)
})

test('a limit smaller than any batch still lets one through at a time', async () => {
  const held = await queuedBehindASinkThatIsStuck(1, { maxQueuedRecords: 1, maxQueuedBytes: 1 })
  assert.ok(held <= 10, `${held} records wait`)
})

test('packed records count with the bytes that they hold', async () => {
  const entries = Array.from({ length: 50 }, (_, index) => memoryBatch<Uint8Array>(packRecords(['x'.repeat(1_000)], { firstPosition: index * 2_000 })))
  const { sink, open } = gated()
  const source = sourceOf(entries)
  let taken = 0
  const built = pipeline(letterBox(), (p) =>
    p
      .read('in', { ...source, read: (...args: Parameters<typeof source.read>) => source.read(...args).pipe(tap(() => taken++)) })
      .map('length', ({ length }) => ({ t: 0, k: 'a', n: length }))
      .eventTime('time', () => 0, { boundMillis: 0 })
      .write('out', sink),
  )
  const job = runLocal(built, null, { epochMillis: 0, maxQueuedBytes: 5_000 })
  await turns(200)
  const held = taken - job.ledger.read
  assert.ok(held >= 5 && held <= 6, `${held} batches wait`)
  open()
  assert.is((await job.done).total.read, 50)
})

test('a push source is told to pause, and to go on', async () => {
  const states: boolean[] = []
  const { sink, open } = gated()
  let push: (number: number) => void = () => undefined
  let complete: () => void = () => undefined
  const source = ownSource({
    bounded: false,
    read: (_partition, _after, { credit }) =>
      new Observable((subscriber) => {
        credit.paused$.subscribe((paused) => states.push(paused))
        push = (number) => subscriber.next(batchOf(number, 10))
        complete = () => subscriber.complete()
      }),
  })
  const job = runLocal(straight(source, sink, letterBox()), null, { epochMillis: 0, maxQueuedRecords: 20 })
  await until('it is subscribed to', () => states.length > 0)
  assert.equal(states, [false])
  push(0)
  await until('the first is taken', () => job.ledger.read === 10)
  for (const number of [1, 2, 3]) push(number)
  assert.equal(states, [false, true])
  open()
  await until('all are taken', () => job.ledger.read === 40)
  assert.equal(states, [false, true, false])
  complete()
  await job.done
})

test('to cancel while a source waits for credit ends its wait', async () => {
  const { source } = greedy(1, 100, 10)
  const { sink } = gated()
  const waits: unknown[] = []
  const watched = { ...source, read: (partition: string, after: number | undefined, context: Parameters<typeof source.read>[2]) =>
    source.read(partition, after, { ...context, credit: { ...context.credit, ready: () => context.credit.ready().catch((error: unknown) => (waits.push(error), Promise.reject(error))) } }) }
  const job = runLocal(straight(watched, sink, letterBox()), null, { epochMillis: 0, maxQueuedRecords: 20 })
  await turns(100)
  await job.cancel()
  await turns()
  assert.equal(waits.map((error) => (error as { _tag?: string })._tag), ['Cancelled']) // as: what the signal was aborted with
})

const mostOpen = async (bounded: boolean, concurrency: number | undefined): Promise<number> => {
  let open = 0
  let most = 0
  let ended = 0
  const source = ownSource({
    bounded,
    partitions: Array.from({ length: 12 }, (_, index) => `p${index}`),
    read: () =>
      new Observable((subscriber) => {
        most = Math.max(most, ++open)
        void turns(3).then(() => (subscriber.next(batchOf(0, 1)), open--, ended++, subscriber.complete()))
      }),
  })
  await runLocal(straight(source, table(), letterBox()), null, concurrency === undefined ? {} : { concurrency }).done
  assert.is(ended, 12)
  return most
}

test('partitions of a bounded source are read some at a time, those of an unbounded one all at once', async () => {
  assert.equal([await mostOpen(true, 3), await mostOpen(true, undefined), await mostOpen(true, 100), await mostOpen(false, 3)], [3, 4, 12, 12])
})

test('thousands of partitions that end while they are subscribed to are read', async () => {
  const source = ownSource({
    partitions: Array.from({ length: 5_000 }, (_, index) => `p${index}`),
    read: () =>
      new Observable((subscriber) => {
        subscriber.next(batchOf(0, 1))
        subscriber.complete()
      }),
  })
  const { total } = await runLocal(straight(source, table(), letterBox(), (ticks) => ticks.filter('none', () => false)), null).done
  assert.is(total.filtered, 5_000)
})

test('several reads take turns: one that always has something does not starve another', async () => {
  const left = table<Tick>('left')
  const right = table<Tick>('right')
  const busy = sourceOf(single(...numbered(300)))
  const built = pipeline(letterBox(), (p) => [
    p.read('busy', busy).eventTime('time', ({ t }) => t, { boundMillis: 0 }).write('left', left),
    p.read('rare', memorySource({ name: 'rare', partitions: [{ name: 'q', entries: single(...numbered(1)) }] })).eventTime('time too', ({ t }) => t, { boundMillis: 0 }).write('right', right),
  ])
  let before = -1
  const { total } = await runLocal(built, null, { epochMillis: 0, drop: (from) => (from === 'rare' && (before = left.rows().length), false) }).done
  assert.equal([total.read, total.delivered], [301, { left: 300, right: 1 }])
  assert.ok(before >= 0 && before < 10, `${before} rows of the busy read came first`)
})

test.run()

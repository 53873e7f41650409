import { ConnectorError, runLocal, type AsyncOptions } from '@millrace/core'
import { manualClock, memoryBatch, memoryCheckpoints, memoryRecords } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, perSecond, single, sourceOf, straight, table, tick, turns, until, values, type Tick, type Ticks } from './support.js'

const test = suite('mapAsync')

const patient: AsyncOptions = { concurrency: 4, timeoutMillis: 60_000 }

/** Calls that end when the test says so. */
const held = (): { readonly f: (tick: Tick) => Promise<number>; readonly open: Map<number, { resolve: () => void; reject: (error: Error) => void }> } => {
  const open = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  const f = ({ n }: Tick): Promise<number> =>
    new Promise((resolve, reject) => {
      open.set(n, { resolve: () => (open.delete(n), resolve(n)), reject: (error) => (open.delete(n), reject(error)) })
    })
  return { f, open }
}

const asking = (f: (tick: Tick, signal: AbortSignal) => Promise<unknown>, options = patient) => (ticks: Ticks): Ticks => ticks.mapAsync('ask', f, options)

test('results go on in the order of the elements, whatever their order of arrival', async () => {
  const sink = table<number>()
  const { f, open } = held()
  const job = runLocal(straight(sourceOf(single(...numbered(4))), sink, letterBox(), asking(f)), null)
  await until('all are asked', () => open.size === 4)
  for (const n of [3, 1, 0, 2]) open.get(n)?.resolve()
  const { total } = await job.done
  assert.equal(values(sink), [0, 1, 2, 3])
  assert.is(total.unaccounted, 0)
})

test('no more calls are under way than the concurrency allows, and no fewer', async () => {
  const { f, open } = held()
  const source = sourceOf(single(...numbered(10)))
  let most = 0
  const job = runLocal(straight(source, table(), letterBox(), asking(f, { ...patient, concurrency: 3 })), null)
  for (let n = 0; n < 10; n++) {
    await until(`${n} is asked`, () => open.has(n))
    await turns()
    most = Math.max(most, open.size)
    assert.is(open.size, Math.min(3, 10 - n))
    open.get(n)?.resolve()
  }
  await job.done
  assert.is(most, 3)
})

test('a rejection is a dead letter, and what was behind it goes on', async () => {
  const sink = table<number>()
  const letters = letterBox()
  const f = async ({ n }: Tick): Promise<number> => {
    if (n === 1) throw new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: 'come back later', retryable: true })
    return n
  }
  const { total } = await runLocal(straight(sourceOf(single(...numbered(3))), sink, letters, asking(f)), null).done
  assert.equal(values(sink), [0, 2])
  const [letter] = values(letters)
  assert.equal([letter?.stage, letter?.stage_kind, letter?.error_class, letter?.error_code, letter?.retryable], ['ask', 'mapAsync', 'Busy', 'Unavailable', true])
  assert.equal([total.deadLettered, total.inFlight, total.unaccounted], [1, 0, 0])
})

test('a function that throws before it gives a promise does the same', async () => {
  const letters = letterBox()
  const f = (): Promise<number> => {
    throw new RangeError('at once')
  }
  await runLocal(straight(sourceOf(single(tick(0))), table(), letters, asking(f)), null).done
  assert.equal(values(letters).map(({ error_class, error_message }) => [error_class, error_message]), [['RangeError', 'at once']])
})

test('past its time a call is a dead letter and its signal is aborted, by the clock', async () => {
  const clock = manualClock()
  const letters = letterBox()
  const sink = table<number>()
  const aborted: number[] = []
  const f = ({ n }: Tick, signal: AbortSignal): Promise<number> => {
    signal.addEventListener('abort', () => aborted.push(n))
    return n === 0 ? new Promise(() => undefined) : Promise.resolve(n)
  }
  const job = runLocal(straight(sourceOf(single(...numbered(2))), sink, letters, asking(f, { concurrency: 2, timeoutMillis: 5_000 })), null, { clock })
  await clock.advance(4_999)
  assert.equal(values(sink), [], 'the second overtook the first')
  assert.not(aborted.includes(0))
  await clock.advance(1)
  await job.done
  assert.ok(aborted.includes(0))
  assert.equal(values(sink), [1])
  const [letter] = values(letters)
  assert.equal([letter?.error_class, letter?.error_code, letter?.error_message], ['Timeout', 'DeadlineExceeded', 'no answer within 5000 ms'])
  assert.is(clock.pending(), 0, 'a timer is left')
})

test('an answer that comes after the time-out harms nobody', async () => {
  const clock = manualClock()
  const { f, open } = held()
  const job = runLocal(straight(sourceOf(single(tick(0, 'a', 0))), table(), letterBox(), asking(f, { concurrency: 1, timeoutMillis: 10 })), null, { clock })
  await clock.advance(10)
  open.get(0)?.reject(new Error('too late'))
  assert.is((await job.done).total.deadLettered, 1)
})

test('the watermark does not overtake what is under way', async () => {
  const sink = table<string>()
  const letters = letterBox()
  const { f, open } = held()
  const source = sourceOf([memoryBatch(memoryRecords([tick(0, 'a', 1), tick(5_000, 'a', 2)]))], false)
  const ask = async (one: Tick): Promise<Tick> => (await f(one), one)
  const job = runLocal(straight(source, sink, letters, (ticks) => perSecond(asking(ask)(ticks))), null, { epochMillis: 0 })
  await until('both are asked', () => open.size === 2)
  open.get(2)?.resolve()
  await turns()
  assert.equal(values(sink), [])
  // The window must fire now, although no record comes any more.
  open.get(1)?.resolve()
  await until('the first window has fired', () => values(sink).length === 1)
  assert.equal(values(sink), ['a@0=1'])
  await job.drain()
  assert.equal(values(sink), ['a@0=1', 'a@5000=2'])
  assert.equal(values(letters), [])
})

test('no epoch is made while calls are under way', async () => {
  const sink = table<number>()
  const checkpoints = memoryCheckpoints()
  const { f, open } = held()
  const source = sourceOf(single(...numbered(2)), false)
  const job = runLocal(straight(source, sink, letterBox(), asking(f)), null, { checkpoints, epochMillis: 0 })
  await until('one is asked', () => open.has(0))
  await turns(50)
  assert.is(checkpoints.writes(), 0)
  open.get(0)?.resolve()
  await until('the other is asked', () => open.has(1))
  open.get(1)?.resolve()
  await until('all is written', () => values(sink).length === 2)
  await until('all is settled', () => source.settlements().at(-1)?.upTo === 1)
  await job.stop()
})

test('what is under way is in flight, in the ledger', async () => {
  const { f, open } = held()
  const job = runLocal(straight(sourceOf(single(...numbered(2)), false), table(), letterBox(), asking(f)), null)
  await until('both are asked', () => open.size === 2)
  assert.equal([job.ledger.read, job.ledger.inFlight, job.ledger.unaccounted], [2, 2, 0])
  for (const { resolve } of open.values()) resolve()
  await job.stop()
})

test('cancel aborts the calls and does not wait for them', async () => {
  const signals: AbortSignal[] = []
  const f = (_: Tick, signal: AbortSignal): Promise<never> => (signals.push(signal), new Promise(() => undefined))
  const job = runLocal(straight(sourceOf(single(...numbered(2))), table(), letterBox(), asking(f)), null)
  await until('both are asked', () => signals.length === 2)
  await job.cancel()
  assert.ok(signals.every(({ aborted }) => aborted))
})

test.run()

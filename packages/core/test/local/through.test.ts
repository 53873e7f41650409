import { runLocal, type Batch } from '@millrace/core'
import { memoryBatch, memoryRecords } from '@millrace/core/testing'
import { delay, map, tap, throwError, mergeMap, of, type OperatorFunction } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, pipeline, reasonOf, single, sourceOf, straight, table, tick, turns, until, values, type Tick, type Ticks } from './support.js'

const test = suite('through')

type Operator<A, B> = OperatorFunction<Batch<A>, Batch<B>>

const eachValue = <A, B>(f: (value: A) => B): Operator<A, B> =>
  map(({ envelopes, bytes }) => ({ bytes, envelopes: envelopes.map((envelope) => ({ ...envelope, value: f(envelope.value) })) }))

const passing = (operator: Operator<Tick, unknown>) => (ticks: Ticks): Ticks => ticks.through('rx', operator)

test('envelopes go through as the operator gives them, and the ledger balances', async () => {
  const sink = table<number>()
  const half: Operator<Tick, number> = map(({ envelopes, bytes }) => ({
    bytes,
    envelopes: envelopes.filter(({ value }) => value.n % 2 === 0).map((envelope) => ({ ...envelope, value: envelope.value.n * 10 })),
  }))
  const { total } = await runLocal(straight(sourceOf([memoryBatch(memoryRecords(numbered(5)))]), sink, letterBox(), passing(half)), null).done
  assert.equal(values(sink), [0, 20, 40])
  assert.equal([total.expanded, total.made, total.unaccounted, total.inFlight], [5, 3, 0, 0])
})

test('an envelope says where it comes from', async () => {
  const seen: unknown[] = []
  const look = tap<Batch<Tick>>(({ envelopes }) => envelopes.forEach(({ origin, path, eventTimeMillis }) => seen.push([origin, path, eventTimeMillis])))
  const stages = (ticks: Ticks): Ticks => passing(look)(ticks.flatMap('twice', (one: Tick) => [one, one]))
  await runLocal(straight(sourceOf(single(tick(7))), table(), letterBox(), stages), null).done
  const origin = { source: 'in', partition: 'p', position: [0] }
  assert.equal(seen, [[origin, [0], 7], [origin, [1], 7]])
})

test('behind it a dead letter still has the record that it comes from', async () => {
  const letters = letterBox()
  const refuse = (): never => {
    throw new Error('no')
  }
  const stages = (ticks: Ticks): Ticks => passing(eachValue((one: Tick) => one.n))(ticks).map('refuse', refuse)
  await runLocal(straight(sourceOf(single(tick(0, 'a', 5))), table(), letters, stages), null).done
  assert.equal(values(letters).map(({ payload_text, stage_value_json }) => [payload_text, stage_value_json]), [['{"t":0,"k":"a","n":5}', '5']])
})

const failure = async (operator: Operator<Tick, unknown>, stages = passing(operator)): Promise<Error & { readonly _tag?: string }> =>
  reasonOf(runLocal(straight(sourceOf(single(...numbered(3))), table(), letterBox(), stages), null).done)

test('an error of the operator ends the run, by the name of the stage', async () => {
  const error = await failure(mergeMap(() => throwError(() => new Error('its own'))))
  assert.is(error._tag, 'Through')
  assert.match(error.message, "through('rx'): its operator ended with an error: its own")
})

test('an answer that comes late ends the run with the remedy, also behind the last record', async () => {
  const sink = table()
  const source = sourceOf(single(tick(0)), false)
  const job = runLocal(straight(source, sink, letterBox(), passing(delay(0))), null)
  await until('it has been read', () => job.ledger.read === 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const error = await reasonOf(job.drain())
  assert.match(error.message, "through('rx'): it answered later than it was asked; an operator there must be synchronous (mapAsync is for promises)")
  assert.equal(values(sink), [])
})

test('an envelope without an event time is refused, not lost', async () => {
  const error = await failure(map(({ envelopes, bytes }) => ({ bytes, envelopes: envelopes.map((envelope) => ({ ...envelope, eventTimeMillis: Number.NaN })) })))
  assert.match(error.message, "through('rx'): it answered an envelope whose eventTimeMillis is no finite number")
})

test('what fails behind an operator fails the run, and not the process', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('uncaughtException', note)
  const stages = (ticks: Ticks): Ticks => ticks.through('first', eachValue((one: Tick) => one)).through('second', mergeMap(() => throwError(() => new Error('deep'))))
  const error = await failure(mergeMap(() => of()), stages)
  await turns()
  process.off('uncaughtException', note)
  assert.match(error.message, "through('second'): its operator ended with an error: deep")
  assert.equal(unhandled, [])
})

test('two branches may each have one', async () => {
  const left = table<number>('left')
  const right = table<number>('right')
  const built = pipeline(letterBox(), (p) => {
    const ticks = p.read('in', sourceOf(single(...numbered(2)))).eventTime('time', ({ t }) => t, { boundMillis: 0 })
    return [
      ticks.through('one', eachValue(({ n }) => n + 1)).write('left', left),
      ticks.through('two', eachValue(({ n }) => n + 2)).write('right', right),
    ]
  })
  const { total } = await runLocal(built, null).done
  assert.equal([values(left), values(right), total.unaccounted], [[1, 2], [2, 3], 0])
})

test.run()

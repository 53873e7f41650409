import { runLocal, type Pipeline } from '@millrace/core'
import { memoryStore, memoryStoreData, pauseFor, manualClock } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { perSecond, reasonOf, single, sourceOf, straight, tick, until, type Ticks } from './support.js'

const test = suite('a checkpoint of another graph')

const data = () => memoryStoreData()

const entries = [...single(tick(0)), pauseFor(5)]

const built = (store: ReturnType<typeof memoryStore>, bounded: boolean, filter: string | undefined): Pipeline<null, 'local'> => {
  const stages = (ticks: Ticks): Ticks => perSecond(filter === undefined ? ticks : ticks.filter(filter, () => true))
  return straight(sourceOf(entries, bounded), store.sink({ name: 'table' }), store.sink({ name: 'dead letters' }), stages)
}

/** A run that was stopped in its middle, in a store that outlives it. */
const stopped = async (bounded: boolean): Promise<ReturnType<typeof memoryStoreData>> => {
  const kept = data()
  const job = runLocal(built(memoryStore({ data: kept }), bounded, undefined), null, { clock: manualClock() })
  await until('it is read', () => job.ledger.read === 1)
  await job.stop()
  return kept
}

test('is refused, with what has changed and what to do', async () => {
  const kept = await stopped(true)
  const { _tag, message } = await reasonOf(runLocal(built(memoryStore({ data: kept }), true, 'new'), null).done)
  assert.is(_tag, 'GraphChanged')
  assert.is(
    message,
    "the checkpoint of pipeline 'test' was made by another graph (added 'new'; changed 'key'), so its open windows and offsets do not fit. Finish that run with the pipeline as it was, or ask for replace (`replace: true`, on a command line --replace) to begin again.",
  )
})

test('the remedies work: to finish it as it was, and to replace it', async () => {
  const finished = await runLocal(built(memoryStore({ data: await stopped(true) }), true, undefined), null).done
  assert.equal([finished.run.resumed, finished.total.read], [true, 1])
  const kept = await stopped(true)
  const replaced = await runLocal(built(memoryStore({ data: kept }), true, 'new'), null, { replace: true }).done
  assert.equal([replaced.run.outcome, replaced.run.resumed, replaced.total.read], ['finished', false, 1])
  assert.equal(memoryStore({ data: kept }).rows('table').map(({ value }) => value), ['a@0=1'])
})

test('where nothing can be replaced another remedy is named', async () => {
  const kept = await stopped(false)
  const { message } = await reasonOf(runLocal(built(memoryStore({ data: kept }), false, 'new'), null).done)
  assert.match(message, /Finish that run with the pipeline as it was, or give the changed one another name\.$/)
})

test.run()

import { ConnectorError, runLocal, type Failure, type Row, type RunSummary } from '@millrace/core'
import { failing, failWith, manualClock, memoryBatch, memoryCheckpoints, memoryRecords, memorySink, type ManualClock, type MemorySinkOptions } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, reasonOf, single, sourceOf, straight, table, values, type Tick } from './support.js'

const test = suite('writing to sinks')

const busy: Failure = { _tag: 'Busy', code: 'ResourceExhausted', message: 'too much' }
const bad: Failure = { _tag: 'Bad', code: 'InvalidArgument', message: 'no such column', path: '/n' }
const unavailable = new ConnectorError({ _tag: 'Down', code: 'Unavailable', message: 'the sink is down', retryable: true })
const noJitter = { random: () => 1, retry: { maxAttempts: 3, initialDelayMillis: 100, maxDelayMillis: 1_000 } }

const tableWith = (options: Partial<MemorySinkOptions<Tick, 'single', 'repeating'>>) => memorySink<Tick, 'single', 'repeating'>({ name: 'table', guarantee: 'repeating', accepts: 'single', ...options })

const ended = async (clock: ManualClock, done: Promise<RunSummary>): Promise<RunSummary> => {
  let over = false
  const watched = done.finally(() => (over = true))
  watched.catch(() => undefined)
  for (let i = 0; i < 100 && !over; i++) await clock.advance(100)
  return watched
}

test('a row that asks for a retry is written again, alone, and once', async () => {
  const clock = manualClock()
  const asked: (readonly number[])[] = []
  const sink = tableWith({
    retry: ({ value }, attempt) => (asked.push([value.n, clock.now(), attempt]), value.n === 1 && attempt < 2 ? busy : undefined),
  })
  const source = sourceOf([memoryBatch(memoryRecords(numbered(3)))])
  const { total } = await ended(clock, runLocal(straight(source, sink, letterBox()), null, { clock, ...noJitter }).done)
  assert.equal(asked, [[0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 100, 1], [1, 300, 2]])
  assert.equal(values(sink).map(({ n }) => n), [0, 2, 1])
  assert.equal([total.delivered, total.unaccounted], [{ out: 3 }, 0])
})

test('a sink may ask for a longer wait than the policy’s, and not for a shorter', async () => {
  const clock = manualClock()
  const times: number[] = []
  const waits = [5_000, 1]
  const sink = tableWith({
    retry: (_row, attempt) => (times.push(clock.now()), attempt < 2 ? { failure: busy, afterMillis: waits[attempt] ?? 0 } : undefined),
  })
  await ended(clock, runLocal(straight(sourceOf(single(...numbered(1))), sink, letterBox()), null, { clock, ...noJitter }).done)
  assert.equal(times, [0, 5_000, 5_200])
})

test('a sink that keeps asking ends the run: nothing is a dead letter, nothing is acknowledged', async () => {
  const clock = manualClock()
  const letters = letterBox()
  const checkpoints = memoryCheckpoints()
  const source = sourceOf(single(...numbered(1)))
  const job = runLocal(straight(source, tableWith({ retry: () => busy }), letters), null, { clock, checkpoints, ...noJitter })
  const error = await reasonOf(ended(clock, job.done))
  assert.match(error.message, "sink 'table' did not take a row in 3 attempts: too much")
  assert.equal([error._tag, error.code], ['Busy', 'ResourceExhausted'])
  assert.equal([letters.rows().length, checkpoints.writes(), source.settlements().length], [0, 0, 0])
})

test('a rejected row is a dead letter of the sink, with why and in which attempt', async () => {
  const clock = manualClock()
  const letters = letterBox()
  const sink = tableWith({
    reject: (row: Row<Tick>) => (row.value.n === 1 || (row.value.n === 2 && clock.now() > 0) ? bad : undefined),
    retry: ({ value }, attempt) => (value.n === 2 && attempt === 0 ? busy : undefined),
  })
  const { total } = await ended(clock, runLocal(straight(sourceOf(single(...numbered(4))), sink, letters), null, { clock, ...noJitter }).done)
  assert.equal(values(sink).map(({ n }) => n), [0, 3])
  const shown = values(letters).map(({ stage, stage_kind, error_class, error_path, attempt, stage_value_json }) => [stage, stage_kind, error_class, error_path, attempt, stage_value_json])
  assert.equal(shown, [
    ['out', 'sink', 'Bad', '/n', 1, '{"t":1,"k":"a","n":1}'],
    ['out', 'sink', 'Bad', '/n', 2, '{"t":2,"k":"a","n":2}'],
  ])
  assert.equal([total.delivered, total.deadLettered, total.unaccounted], [{ out: 2 }, 2, 0])
})

test('a dead-letter sink that rejects ends the run, and nothing is acknowledged', async () => {
  const checkpoints = memoryCheckpoints()
  const source = sourceOf(single(...numbered(2)))
  const letters = memorySink({ name: 'dead letters', guarantee: 'idempotent', reject: () => bad })
  const refuse = (): never => {
    throw new Error('no')
  }
  const error = await reasonOf(runLocal(straight(source, table(), letters, (ticks) => ticks.map('refuse', refuse)), null, { checkpoints }).done)
  assert.match(error.message, "the dead-letter sink 'dead letters' rejected a dead letter: no such column")
  assert.equal([error._tag, checkpoints.writes(), source.settlements().length], ['DeadLetterSink', 0, 0])
})

test('a dead-letter sink that is down stops the run with its own error, and nothing is acknowledged', async () => {
  const checkpoints = memoryCheckpoints()
  const source = sourceOf(single(...numbered(2)))
  const instrument = failing([{ port: 'sink', name: 'dead letters', method: 'write', times: 6, act: failWith(unavailable) }])
  const refuse = (): never => {
    throw new Error('no')
  }
  const job = runLocal(straight(source, table(), letterBox(), (ticks) => ticks.map('refuse', refuse)), null, { checkpoints, instrument, retry: { initialDelayMillis: 0 } })
  assert.is(await reasonOf(job.done), unavailable)
  assert.equal([checkpoints.writes(), source.settlements(), instrument.left()], [0, [], []])
})

test('every call to a port is retried by the one policy: nothing is lost and nothing doubled', async () => {
  const calls = [
    ['source', 'partitions'], ['source', 'settle'], ['sink', 'open'], ['sink', 'write'], ['sink', 'prepare'], ['sink', 'commit'], ['checkpoints', 'read'], ['checkpoints', 'write'],
  ] as const
  for (const [port, method] of calls) {
    const sink = table<Tick>('table', 'exact')
    const instrument = failing([{ port, method, times: 2, act: failWith(unavailable) }])
    const options = { checkpoints: memoryCheckpoints(), instrument, epochMillis: 0, retry: { initialDelayMillis: 0 } }
    const { total } = await runLocal(straight(sourceOf(single(...numbered(3))), sink, letterBox()), null, options).done
    assert.equal([values(sink).map(({ n }) => n), total.unaccounted, instrument.left()], [[0, 1, 2], 0, []], `${port} ${method}`)
  }
})

test('a sink that answers for too few rows ends the run: which of them were written is not known', async () => {
  const sink = table()
  const short = { ...sink, open: async (context: Parameters<typeof sink.open>[0]) => ({ ...(await sink.open(context)), write: async () => [] }) }
  const error = await reasonOf(runLocal(straight(sourceOf(single(...numbered(1))), short, letterBox()), null).done)
  assert.match(error.message, "sink 'table' answered 0 outcomes for 1 rows")
})

test('a rowId is of pipeline, write and element: the same in any batching, another for each element and write', async () => {
  const rowIds = async (together: boolean): Promise<readonly string[]> => {
    const sink = table<Tick>()
    const ticks = numbered(3)
    const source = sourceOf(together ? [memoryBatch(memoryRecords(ticks))] : single(...ticks))
    await runLocal(straight(source, sink, letterBox(), (all) => all.flatMap('twice', (one: Tick) => [one, one])), null).done
    return sink.rows().map(({ rowId }) => rowId)
  }
  const ids = await rowIds(true)
  assert.equal(await rowIds(false), ids)
  assert.is(new Set(ids).size, 6)
})

test.run()

import { ConnectorError, runLocal, type SourceBatch } from '@millrace/core'
import { failing, hang, manualClock, memoryBatch, memoryCheckpoints, memoryRecords, memorySource, pauseFor, type MemoryCheckpoints, type MemorySource } from '@millrace/core/testing'
import { Observable } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, perSecond, reasonOf, single, sourceOf, straight, table, tick, until, values, type Tick } from './support.js'

const test = suite('stop, drain, cancel')

/** What survives a process. */
const world = (bounded = false) => {
  const ticks = single(tick(0), tick(500), tick(1_500), tick(1_700))
  const source = sourceOf(ticks, bounded)
  return { source, checkpoints: memoryCheckpoints(), sink: table<string>('bars', 'exact') }
}

const start = ({ source, checkpoints, sink }: { source: MemorySource<Tick>; checkpoints: MemoryCheckpoints; sink: ReturnType<typeof table<string>> }) =>
  runLocal(straight(source, sink, letterBox(), perSecond), null, { checkpoints, epochMillis: 5 })

test('stop makes a checkpoint and leaves the windows open; a second run goes on from there', async () => {
  const left = world()
  const first = start(left)
  await until('all is read', () => first.ledger.read === 4)
  const stopped = await first.stop()
  assert.equal([stopped.run.outcome, stopped.run.resumed, stopped.thisRun.read, stopped.total.inFlight], ['stopped', false, 4, 0])
  assert.equal(values(left.sink), ['a@0=2'])

  left.source.push('p', ...single(tick(1_900), tick(2_000)))
  const second = start(left)
  await until('the rest is read', () => second.ledger.read === 6)
  const { total, thisRun } = await second.stop()
  assert.equal(values(left.sink), ['a@0=2', 'a@1000=3'])
  assert.equal([total.read, thisRun.read, total.unaccounted], [6, 2, 0])
})

test('what waited in the queue when a run was stopped is read again', async () => {
  const left = world(true)
  const first = start(left)
  const { run } = await first.stop()
  assert.is(run.outcome, 'stopped')
  const { total } = await start(left).done
  assert.equal(values(left.sink), ['a@0=2', 'a@1000=2'])
  assert.equal([total.read, total.unaccounted], [4, 0])
})

test('a bounded run that was stopped is resumed by the same input, and says so', async () => {
  // The first run comes as far as the pause: its clock stands still.
  const source = sourceOf([...single(tick(0), tick(500)), pauseFor(5), memoryBatch(memoryRecords([tick(1_500), tick(1_700)], { position: 2 }))])
  const left = { ...world(true), source }
  const first = runLocal(straight(source, left.sink, letterBox(), perSecond), null, { checkpoints: left.checkpoints, clock: manualClock() })
  await until('half is read', () => first.ledger.read === 2)
  const stopped = await first.stop()
  assert.equal([stopped.run.outcome, stopped.total.read], ['stopped', 2])
  const { run, total, thisRun } = await start(left).done
  assert.equal([run.outcome, run.resumed, run.id], ['finished', true, stopped.run.id])
  assert.equal([total.read, thisRun.read], [4, 2])
  assert.equal(values(left.sink), ['a@0=2', 'a@1000=2'])
})

test('drain fires all windows and ends for good: what came later would make half a window', async () => {
  const left = world()
  const first = start(left)
  await until('all is read', () => first.ledger.read === 4)
  const { run, total } = await first.drain()
  assert.equal([run.outcome, total.inFlight, total.unaccounted], ['finished', 0, 0])
  assert.equal(values(left.sink), ['a@0=2', 'a@1000=2'])

  left.source.push('p', ...single(tick(500), tick(2_500)))
  const refused = await reasonOf(start(left).done)
  assert.equal([refused._tag, refused.code], ['Drained', 'FailedPrecondition'])
  assert.match(refused.message, /pipeline 'test' has ended here for good.*another store, or.*another name/)
  assert.equal(values(left.sink), ['a@0=2', 'a@1000=2'])
})

test('what a source fails with while it takes its leave is told; what was checkpointed by then stays', async () => {
  const full = new ConnectorError({ _tag: 'Disk', code: 'ResourceExhausted', message: 'no space left' })
  const left = world()
  const source = {
    ...left.source,
    capabilities: { ...left.source.capabilities, drains: true },
    read: (...[partition, after, context]: Parameters<typeof left.source.read>) =>
      new Observable<SourceBatch<Tick, number>>((subscriber) => {
        context.ending.addEventListener('abort', () => subscriber.error(full))
        return left.source.read(partition, after, context).subscribe(subscriber)
      }),
  }
  const job = runLocal(straight(source, left.sink, letterBox(), perSecond), null, { checkpoints: left.checkpoints, epochMillis: 5 })
  await until('all is read', () => job.ledger.read === 4)
  assert.is(await reasonOf(job.stop()), full)
  assert.equal(values(left.sink), ['a@0=2'])
})

test('a deadline ends a stop that a sink holds up, and names it, also where the sink hangs in closing', async () => {
  const left = world(true)
  const stuck = { ...left.sink, open: async () => ({ write: () => new Promise<never>(() => undefined), close: () => new Promise<never>(() => undefined) }) }
  const job = runLocal(straight(left.source, stuck, letterBox(), perSecond), null, { checkpoints: left.checkpoints, epochMillis: 0 })
  await until('all is read', () => job.ledger.read === 4)
  const error = await reasonOf(job.stop({ deadlineMillis: 50 }))
  assert.equal([error._tag, error.code], ['Deadline', 'DeadlineExceeded'])
  assert.match(error.message, /did not stop within 50 ms; it waits for sink 'bars' to write.*cancelled/)
})

test('a bounded run is drained by its end: nothing is left unread', async () => {
  const left = world(true)
  const job = start(left)
  const { run, total } = await job.drain()
  assert.equal([run.outcome, total.read], ['finished', 4])
  assert.equal(values(left.sink), ['a@0=2', 'a@1000=2'])
})

test('cancel keeps nothing since the last checkpoint, and done rejects', async () => {
  const left = world()
  const job = runLocal(straight(left.source, left.sink, letterBox(), perSecond), null, { checkpoints: left.checkpoints, epochMillis: 1e9, paneEpochMillis: 1e9 })
  await until('all is read', () => job.ledger.read === 4)
  await job.cancel()
  const error = await reasonOf(job.done)
  assert.equal([error._tag, error.code, error.message], ['Cancelled', 'Cancelled', "pipeline 'test' was cancelled"])
  assert.equal([values(left.sink), left.checkpoints.writes(), left.source.settlements(), left.source.openReads()], [[], 0, [], 0])
})

test('cancel ends a run whose sink is stuck, or that waits in any other call, and nothing is written after it', async () => {
  const calls = [
    ['source', 'partitions'], ['source', 'settle'], ['sink', 'open'], ['sink', 'write'], ['sink', 'prepare'], ['sink', 'commit'], ['checkpoints', 'read'], ['checkpoints', 'write'],
  ] as const
  for (const [port, method] of calls) {
    const left = world(true)
    const instrument = failing([{ port, method, act: hang }])
    const job = runLocal(straight(left.source, left.sink, letterBox(), perSecond), null, { checkpoints: left.checkpoints, instrument })
    await until(`${port} ${method} hangs`, () => instrument.left().length === 0)
    await job.cancel()
    assert.is((await reasonOf(job.done))._tag, 'Cancelled', `${port} ${method}`)
    assert.ok(left.checkpoints.writes() <= 1 && left.source.openReads() === 0)
  }
})

test('cancel ends a wait for a retry', async () => {
  const clock = manualClock()
  const left = world(true)
  const sink = { ...left.sink, open: async () => Promise.reject(Object.assign(new Error('never'), { retryable: true })) }
  const job = runLocal(straight(left.source, sink, letterBox(), perSecond), null, { clock })
  await job.cancel()
  assert.equal([(await reasonOf(job.done))._tag, clock.pending()], ['Cancelled', 0])
})

test('to stop, drain or cancel twice, or after the end, changes nothing', async () => {
  const left = world(true)
  const job = start(left)
  const summary = await job.done
  assert.equal([await job.stop(), await job.drain()], [summary, summary])
  await job.cancel()
  assert.equal(await job.done, summary)
})

test('the first of two endings counts', async () => {
  const left = world()
  const job = start(left)
  await until('all is read', () => job.ledger.read === 4)
  const [stopped, drained] = await Promise.all([job.stop(), job.drain()])
  assert.equal([stopped.run.outcome, drained.run.outcome], ['stopped', 'stopped'])
})

test('input without partitions is finished at once', async () => {
  const { run, total } = await runLocal(straight(memorySource({ partitions: [] }), table(), letterBox()), null).done
  assert.equal([run.outcome, total.read], ['finished', 0])
})

test.run()

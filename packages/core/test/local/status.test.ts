import { runLocal, type JobStatus } from '@millrace/core'
import { manualClock, memoryBatch, memoryRecords, memorySource, pauseFor } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { letterBox, numbered, perSecond, reasonOf, single, sourceOf, straight, table, tick, until, type Tick } from './support.js'

const test = suite('status and ledger of a job')

const watch = (job: ReturnType<typeof runLocal>) => {
  const seen: JobStatus[] = []
  const ends: string[] = []
  job.status$.subscribe({ next: (status) => seen.push(status), error: () => ends.push('error'), complete: () => ends.push('complete') })
  return { seen, ends }
}

test('goes from starting over reading and firing to done, and completes', async () => {
  const clock = manualClock()
  const entries = [...single(tick(0)), pauseFor(200), ...single(tick(1_500)), pauseFor(200)]
  const job = runLocal(straight(sourceOf(entries), table(), letterBox(), perSecond), null, { clock })
  const { seen, ends } = watch(job)
  for (let i = 0; i < 6; i++) await clock.advance(100)
  const { total } = await job.done
  const phases = seen.map(({ phase }) => phase)
  assert.is(phases[0], 'starting')
  assert.ok(phases.includes('reading'), phases.join())
  assert.is(phases.at(-1), 'done')
  assert.equal(ends, ['complete'])
  const last = seen.at(-1)
  assert.equal([last?.records, last?.openWindows, last?.ledger], [2, 0, total])
})

test('is sampled: at most every 100 ms, however many batches come', async () => {
  const clock = manualClock()
  const job = runLocal(straight(sourceOf(single(...numbered(500))), table(), letterBox()), null, { clock })
  const { seen } = watch(job)
  await job.done
  assert.ok(seen.length <= 3, `${seen.length} statuses while no time passed`)
})

test('bytes are what lies outside: as told by the source, whole for a partition that has ended', async () => {
  const source = memorySource<Tick>({
    partitions: [
      { name: 'a', sizeBytes: 1_000, entries: [memoryBatch(memoryRecords(numbered(1)), { consumedBytes: 400 })] },
      { name: 'b', sizeBytes: 50, entries: [] },
    ],
  })
  const job = runLocal(straight(source, table(), letterBox()), null)
  const { seen } = watch(job)
  await job.done
  assert.equal(seen.at(-1)?.bytes, { done: 1_050, total: 1_050 })
})

test('a total is not known where a source does not know it', async () => {
  const source = memorySource<Tick>({ partitions: [{ name: 'a', sizeBytes: 10, entries: [] }, { name: 'b', entries: [] }] })
  const job = runLocal(straight(source, table(), letterBox()), null)
  const { seen } = watch(job)
  await job.done
  assert.equal(seen.at(-1)?.bytes, { done: 10, total: undefined })
})

test('completes, and does not error, when the run fails', async () => {
  const source = { ...sourceOf<Tick>([]), partitions: () => Promise.reject(new Error('no such folder')) }
  const job = runLocal(straight(source, table(), letterBox()), null)
  const { ends } = watch(job)
  assert.is((await reasonOf(job.done)).message, 'no such folder')
  assert.equal(ends, ['complete'])
})

test('who subscribes after the end is told the last status, and that it is over', async () => {
  const job = runLocal(straight(sourceOf(single(tick(0))), table(), letterBox()), null)
  await job.done
  const { ends } = watch(job)
  assert.equal(ends, ['complete'])
})

test('open windows and the watermark are those of the moment', async () => {
  const clock = manualClock()
  const source = sourceOf(single(tick(0, 'a'), tick(10, 'b'), tick(2_500, 'a')), false)
  const job = runLocal(straight(source, table(), letterBox(), perSecond), null, { clock })
  const { seen } = watch(job)
  await until('all is read', () => job.ledger.read === 3)
  await clock.advance(200)
  source.push('p', ...single(tick(2_600, 'b')))
  await until('one more is read', () => job.ledger.read === 4)
  await clock.advance(1_000)
  assert.equal([seen.at(-1)?.openWindows, seen.at(-1)?.watermarkMillis], [2, 2_600])
  await job.stop()
})

test('the ledger of a job is live, with what is not yet committed', async () => {
  const source = sourceOf(single(...numbered(2)), false)
  const job = runLocal(straight(source, table(), letterBox()), null, { epochMillis: 1e9 })
  assert.equal([job.ledger.read, job.ledger.unaccounted], [0, 0])
  await until('both are read', () => job.ledger.read === 2)
  assert.equal([job.ledger.inFlight, job.ledger.delivered, job.ledger.unaccounted], [2, { out: 0 }, 0])
  const { total } = await job.stop()
  assert.equal([total.inFlight, total.delivered, job.ledger], [0, { out: 2 }, total])
})

test('a batch lost between two stages is not accounted for', async () => {
  const source = sourceOf(single(...numbered(10)))
  let dropped = 0
  const job = runLocal(straight(source, table(), letterBox(), (ticks) => ticks.map('next', (one) => one)), null, { drop: (from, to) => from === 'time' && to === 'next' && ++dropped === 3 })
  assert.is((await job.done).total.unaccounted, 1)
})

test('warnings of a source reach the option, and nobody needs to take them', async () => {
  const source = sourceOf<Tick>([])
  const warning = { ...source, partitions: async (context: Parameters<typeof source.partitions>[0]) => (context.logger.warn('ignored x.txt'), source.partitions(context)) }
  const warnings: string[] = []
  await runLocal(straight(warning, table(), letterBox()), null, { logger: { info: () => undefined, warn: (message) => warnings.push(message) } }).done
  await runLocal(straight(warning, table(), letterBox()), null).done
  assert.equal(warnings, ['ignored x.txt'])
})

test('a sink that cannot be closed after the end is a warning: everything is written by then', async () => {
  const sink = table<Tick>()
  const stubborn = { ...sink, open: async (context: Parameters<typeof sink.open>[0]) => ({ ...(await sink.open(context)), close: () => Promise.reject(new Error('stuck')) }) }
  const warnings: string[] = []
  const { run } = await runLocal(straight(sourceOf(single(tick(0))), stubborn, letterBox()), null, { logger: { info: () => undefined, warn: (message) => warnings.push(message) } }).done
  assert.equal([run.outcome, warnings], ['finished', ["pipeline 'test' has ended, and closing what it wrote to failed: stuck"]])
})

test.run()

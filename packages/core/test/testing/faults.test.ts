import { silentLogger, type SinkContext, type SourceContext } from '@millrace/core'
import {
  delayBy,
  failing,
  failWith,
  hang,
  manualClock,
  memoryBatch,
  memoryCheckpoints,
  memoryRecords,
  memorySink,
  memorySource,
  memoryStore,
  memoryTable,
  seededRandom,
  sinkConformance,
  sourceConformance,
  testCredit,
  type Fault,
} from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryHarness } from './memory-harness.js'
import { storeHarness, tableHarness } from './sink-harness.js'
import { uvuRunner } from './uvu-runner.js'

// Ports that are wrapped and meet no fault keep every promise.
const instrument = failing([])
const source = suite('an instrumented source: conformance')
const capabilities = { bounded: true, replayable: true, acknowledges: true }
sourceConformance(uvuRunner(source), memoryHarness(capabilities, (wrapped) => instrument.source(wrapped)))
source.run()

const sink = suite('an instrumented sink: conformance')
sinkConformance(uvuRunner(sink), tableHarness('exact', { wrap: (wrapped) => instrument.sink(wrapped) }))
sink.run()

const store = suite('an instrumented store: conformance')
sinkConformance(
  uvuRunner(store),
  storeHarness((wrapped) => ({ ...wrapped, ...(wrapped.store && { store: instrument.store(wrapped.store) }) })),
)
store.run()

const test = suite('failing')
const down = new Error('down')

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ended',
    (error: Error) => error.message,
  )

const context = (): SourceContext & SinkContext => {
  const { signal } = new AbortController()
  return {
    credit: testCredit(Infinity, signal),
    clock: manualClock(),
    random: seededRandom(1),
    signal,
    runStartedAtMillis: 0,
    logger: silentLogger,
    listening: () => undefined,
    ending: new AbortController().signal,
    pipeline: 'p',
    version: '1',
  }
}

const write = { header: null, reset: false, changes: [] }

test('strikes the calls it names, and no other', async () => {
  const faults = failing([{ port: 'checkpoints', method: 'write', nth: 2, times: 2, act: failWith(down) }])
  const checkpoints = faults.checkpoints(memoryCheckpoints())
  const outcomes: string[] = []
  for (let i = 0; i < 5; i++) outcomes.push(await outcome(checkpoints.write('p', write)))
  assert.equal(outcomes, ['ended', 'down', 'down', 'ended', 'ended'])
  assert.is(await outcome(checkpoints.read('p')), 'ended')
  assert.equal(faults.left(), [])
})

test('after: the call is done, and its caller does not get to know', async () => {
  const stored = memoryCheckpoints()
  const before = failing([{ port: 'checkpoints', method: 'write', act: failWith(down) }]).checkpoints(stored)
  assert.is(await outcome(before.write('p', write)), 'down')
  assert.is(stored.writes(), 0)
  const after = failing([{ port: 'checkpoints', method: 'write', when: 'after', act: failWith(down) }]).checkpoints(stored)
  assert.is(await outcome(after.write('p', write)), 'down')
  assert.is(stored.writes(), 1)
})

test('delays by its clock', async () => {
  const clock = manualClock()
  const faults = failing([{ port: 'store', method: 'open', act: delayBy(50) }], { clock })
  let opened = false
  const opening = faults.store(memoryStore()).open(context()).then(() => (opened = true))
  await clock.advance(49)
  assert.is(opened, false)
  await clock.advance(1)
  await opening
  assert.is(opened, true)
})

test('hangs a call, and the sink can still be closed', async () => {
  const faults = failing([{ port: 'sink', method: 'write', act: hang }])
  const writer = await faults.sink(memorySink<string>({ guarantee: 'repeating' })).open(context())
  const stuck = writer.write([{ value: 'a', rowId: '1' }]).then(() => 'ended')
  assert.is(await outcome(writer.close()), 'ended')
  assert.is(await Promise.race([stuck, manualClock().advance(0).then(() => 'stuck')]), 'stuck')
})

test('counts only the port of the name, if one is given', async () => {
  const faults = failing([{ port: 'sink', name: 'b', method: 'open', act: failWith(down) }])
  const open = (name: string): Promise<string> =>
    outcome(faults.sink(memorySink<string>({ guarantee: 'exact', name, table: memoryTable() })).open(context()))
  assert.equal([await open('a'), await open('b'), await open('b')], ['ended', 'down', 'ended'])
})

test('an error at a batch errors the read, and the source is let go', async () => {
  const entries = ['a', 'b', 'c'].map((value) => memoryBatch<string>(memoryRecords([value])))
  const inner = memorySource<string>({ partitions: [{ name: 'p', entries }] })
  const faults = failing([{ port: 'source', method: 'next', nth: 2, act: failWith(down) }])
  const seen: unknown[] = []
  await new Promise<void>((resolve) =>
    faults.source(inner).read('p', undefined, context()).subscribe({
      next: (batch) => seen.push(batch.offset),
      error: (error: Error) => {
        seen.push(error.message)
        resolve()
      },
    }),
  )
  assert.equal(seen, [0, 'down'])
  assert.is(inner.openReads(), 0)
})

test('tells which faults never struck', async () => {
  const plan: readonly Fault[] = [{ port: 'clock', method: 'sleep', nth: 2, act: failWith(down) }]
  const faults = failing(plan)
  const clock = faults.clock(manualClock())
  void clock.sleep(0)
  assert.equal(faults.left(), plan)
})

test('refuses what cannot be', () => {
  assert.throws(() => failing([{ port: 'source', method: 'next', act: hang }]), /source\.next is synchronous/)
  assert.throws(() => failing([{ port: 'sink', method: 'write', nth: 0, act: hang }]), /whole numbers from 1/)
})

test.run()

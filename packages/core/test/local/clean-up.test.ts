import { ConnectorError, runLocal, type Job, type LocalOptions } from '@millrace/core'
import { failing, failWith, memoryCheckpoints, memorySource, pauseFor } from '@millrace/core/testing'
import { NEVER, throwError } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ownSource } from './pushing-source.js'
import { letterBox, numbered, perSecond, single, sourceOf, straight, table, tick, turns, until, type Tick, type Ticks } from './support.js'

const test = suite('what a run leaves behind')

const unhandled: unknown[] = []
for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, (error) => unhandled.push(error))

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate').length

/** No timer beyond those that were there, and nobody was told of an error but `done`. */
const leavesNothing = async (start: () => Job, end: (job: Job) => Promise<unknown>): Promise<void> => {
  const before = timers()
  const job = start()
  await end(job)
  await job.done.catch(() => undefined)
  // What ends with the next turn of the event loop is not left behind.
  await turns()
  assert.ok(timers() <= before, `${timers()} timers, ${before} before`)
  assert.equal(unhandled, [])
}

const fatal = new ConnectorError({ _tag: 'Denied', code: 'PermissionDenied', message: 'not yours' })
const busy = new ConnectorError({ _tag: 'Busy', code: 'Unavailable', message: 'later', retryable: true })

const asking = (ticks: Ticks): Ticks => ticks.mapAsync('ask', (one: Tick) => (one.n === 3 ? new Promise(() => undefined) : Promise.resolve(one)), { concurrency: 2, timeoutMillis: 600_000 })

const bounded = (stages?: (ticks: Ticks) => Ticks, options: LocalOptions = {}) => (): Job =>
  runLocal(straight(sourceOf(single(...numbered(6))), table(), letterBox(), stages), null, { checkpoints: memoryCheckpoints(), ...options })

const endless = (): Job => runLocal(straight(sourceOf(single(...numbered(2)), false), table(), letterBox(), perSecond), null, { checkpoints: memoryCheckpoints() })

const read = (records: number) => (job: Job): Promise<void> => until(`${records} are read`, () => job.ledger.read === records)

test('a run that finishes', () => leavesNothing(bounded(), (job) => job.done))

test('a run with panes and promises that finishes', () =>
  leavesNothing(bounded((ticks) => perSecond(ticks.mapAsync('ask', async (one: Tick) => one, { concurrency: 2, timeoutMillis: 600_000 }))), (job) => job.done))

test('a run that is stopped, or drained', async () => {
  await leavesNothing(endless, async (job) => (await read(2)(job), job.stop()))
  await leavesNothing(endless, async (job) => (await read(2)(job), job.drain()))
})

test('a run that is cancelled: at once, while it reads, and while it waits for a promise', async () => {
  await leavesNothing(endless, (job) => job.cancel())
  await leavesNothing(endless, async (job) => (await read(2)(job), job.cancel()))
  await leavesNothing(bounded(asking), async (job) => (await until('it waits', () => job.ledger.inFlight > 0), job.cancel()))
})

test('a run that is cancelled while it waits for a retry, of a source and of a sink', async () => {
  const retry = { initialDelayMillis: 600_000, maxDelayMillis: 600_000 }
  const source = (): Job => runLocal(straight(ownSource({ read: () => throwError(() => busy) }), table(), letterBox()), null, { retry })
  await leavesNothing(source, async (job) => (await turns(), job.cancel()))
  const instrument = failing([{ port: 'sink', method: 'write', times: 9, act: failWith(busy) }])
  await leavesNothing(bounded(undefined, { retry, instrument }), async (job) => (await turns(50), job.cancel()))
})

test('a run whose source, sink or checkpoint store fails for good', async () => {
  await leavesNothing(() => runLocal(straight(ownSource({ read: () => throwError(() => fatal) }), table(), letterBox()), null), turns.bind(undefined, 20))
  for (const [port, method] of [['sink', 'open'], ['sink', 'write'], ['checkpoints', 'write'], ['source', 'settle']] as const) {
    await leavesNothing(bounded(undefined, { instrument: failing([{ port, method, act: failWith(fatal) }]) }), () => turns(20))
  }
})

test('a source that pauses, or never says anything, when it is stopped', async () => {
  const pausing = memorySource<Tick>({ partitions: [{ name: 'p', entries: [...single(tick(0)), pauseFor(600_000), ...single(tick(1))] }] })
  await leavesNothing(() => runLocal(straight(pausing, table(), letterBox()), null), async (job) => (await read(1)(job), job.stop()))
  assert.is(pausing.openReads(), 0)
  await leavesNothing(() => runLocal(straight(ownSource({ bounded: false, read: () => NEVER }), table(), letterBox()), null), (job) => job.stop())
})

test('a run that nobody looks at', () => leavesNothing(() => runLocal(straight(ownSource({ read: () => throwError(() => fatal) }), table(), letterBox()), null), () => turns(50)))

test('every sink and store is closed, also when one of them does not want to be', async () => {
  const closed: string[] = []
  const checkpoints = { ...memoryCheckpoints(), close: async () => void closed.push('checkpoints') }
  const closing = (name: string, fail: boolean): ReturnType<typeof table<Tick>> => {
    const inner = table<Tick>(name)
    return {
      ...inner,
      open: async (context) => ({
        ...(await inner.open(context)),
        close: async () => {
          closed.push(name)
          if (fail) throw new Error('stuck')
        },
      }),
    }
  }
  const letters = { ...letterBox(), name: 'dead letters' }
  await runLocal(straight(sourceOf(single(tick(0))), closing('table', true), letters), null, { checkpoints }).done
  assert.equal(closed, ['table', 'checkpoints'])
  closed.length = 0
  const broken = { ...letterBox(), open: () => Promise.reject(fatal) }
  await runLocal(straight(sourceOf(single(tick(0))), closing('table', false), broken), null, { checkpoints }).done.catch(() => undefined)
  assert.equal(closed, ['table', 'checkpoints'])
})

test.run()

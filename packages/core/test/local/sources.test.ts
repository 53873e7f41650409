import { ConnectorError, runLocal, type SourceContext } from '@millrace/core'
import { failOnce, manualClock, memorySource, memoryStore } from '@millrace/core/testing'
import { concat, from, mergeMap, NEVER, Observable, of, throwError, timer } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batchOf, ownSource, type OwnSource } from './pushing-source.js'
import { letterBox, numbered, reasonOf, single, sourceOf, straight, table, tick, until, values, type Tick } from './support.js'

const test = suite('sources that fail')

const flaky = (message: string): ConnectorError => new ConnectorError({ _tag: 'Reset', code: 'Unavailable', message, retryable: true })
const fatal = new ConnectorError({ _tag: 'Denied', code: 'PermissionDenied', message: 'not yours' })

const run = (own: OwnSource, sink = table<Tick>(), clock = manualClock()) => runLocal(straight(ownSource(own), sink, letterBox()), null, { clock, random: () => 1 })

test('an error that is not retryable is what done rejects with, the very one, behind what was read before it', async () => {
  const sink = table<Tick>()
  const job = run({ read: () => concat(of(batchOf(0, 2)), throwError(() => fatal)) }, sink)
  assert.is(await reasonOf(job.done), fatal)
  assert.is(job.ledger.read, 2)
})

test('what a source throws that is no ConnectorError is not retried either', async () => {
  const bug = new TypeError('x is not a function')
  let reads = 0
  const job = run({ read: () => (reads++, throwError(() => bug)) })
  assert.is(await reasonOf(job.done), bug)
  assert.is(reads, 1)
})

test('a read that throws instead of erroring is an error of the run, in any partition', async () => {
  for (const bad of ['a', 'b', 'c']) {
    const read: OwnSource['read'] = (partition) => {
      if (partition === bad) throw fatal
      return of(batchOf(0, 1))
    }
    assert.is(await reasonOf(runLocal(straight(ownSource({ partitions: ['a', 'b', 'c'], read }), table(), letterBox()), null, { concurrency: 1 }).done), fatal)
  }
})

test('a retryable error is retried from behind what was read, with the policy’s delays', async () => {
  const clock = manualClock()
  const sink = table<Tick>()
  const asked: (readonly [number, number | undefined])[] = []
  const read: OwnSource['read'] = (_partition, after) => {
    asked.push([clock.now(), after])
    if (asked.length === 1) return concat(of(batchOf(0, 1)), throwError(() => flaky('once')))
    return asked.length === 2 ? throwError(() => flaky('twice')) : of(batchOf(1, 1))
  }
  const job = run({ read }, sink, clock)
  await clock.advance(1_000)
  const { total } = await job.done
  assert.equal(asked, [[0, undefined], [100, 0], [300, 0]])
  assert.equal([values(sink).map(({ t }) => t), total.read, total.unaccounted], [[0, 1], 2, 0])
})

test('attempts are counted from the last batch on: a source that moves may fail as often as it likes', async () => {
  const clock = manualClock()
  const read: OwnSource['read'] = (_partition, after = -1) => (after === 19 ? of() : concat(of(batchOf(after + 1, 1)), throwError(() => flaky('again'))))
  const job = run({ read }, table(), clock)
  await clock.advance(10_000)
  assert.is((await job.done).total.read, 20)
})

test('after the last attempt its error is done’s', async () => {
  const clock = manualClock()
  let reads = 0
  const job = run({ read: () => throwError(() => flaky(`read ${++reads}`)) }, table(), clock)
  const ended = reasonOf(job.done)
  await clock.advance(60_000)
  assert.equal([(await ended).message, reads, clock.pending()], ['read 6', 6, 0])
})

test('one partition that fails ends the run also while another one goes on for ever', async () => {
  let unsubscribed = false
  // As fast as it may: its queue is never empty.
  const endless = ({ credit }: SourceContext) =>
    new Observable<ReturnType<typeof batchOf>>((subscriber) => {
      const pump = async (): Promise<void> => {
        for (let number = 0; !unsubscribed; number++) {
          await credit.ready()
          subscriber.next(batchOf(number, 1))
        }
      }
      void pump()
      return () => (unsubscribed = true)
    })
  const bad = timer(5).pipe(mergeMap(() => throwError(() => fatal)))
  const job = run({ bounded: false, partitions: ['bad', 'good'], read: (partition, _after, context) => (partition === 'bad' ? bad : endless(context)) })
  await until('it ends', () => unsubscribed)
  assert.is(await reasonOf(job.done), fatal)
})

test('what is no batch ends the run, by name of source and partition, and not the process', async () => {
  for (const odd of [undefined, null, {}, { records: undefined, offset: 0 }, { records: [undefined], offset: 0 }]) {
    const job = run({ read: () => from([odd as never]) }) // as: JavaScript may give anything
    assert.match((await reasonOf(job.done)).message, "source 'own' gave something that is no batch, of partition 'p'")
  }
})

test('two partitions of one name are refused', async () => {
  const error = await reasonOf(run({ partitions: ['a', 'b', 'a'], read: () => NEVER }).done)
  assert.is(error.message, "source 'own' lists two partitions named 'a'")
})

test('an offset that the source does not understand any more is DataLoss that names it', async () => {
  const store = memoryStore()
  const first = sourceOf(single(tick(0)), false)
  const job = runLocal(straight(first, store.sink({ name: 'table' }), letterBox()), null)
  await until('it is read', () => job.ledger.read === 1)
  await job.stop()
  const changed = { ...sourceOf<Tick>([], false), offset: { ...first.offset, decode: () => first.offset.decode('x') } as unknown as typeof first.offset } // as: a codec that takes nothing any more
  const error = await reasonOf(runLocal(straight(changed, store.sink({ name: 'table' }), letterBox()), null).done)
  assert.equal([error.code, error.message], ['DataLoss', "the checkpoint holds an offset of 'p' that source 'memory' does not understand: 0"])
})

test('a partition that is not listed any more does not hold back the watermark of the others', async () => {
  const sink = table<Tick>('table', 'exact')
  const store = memoryStore()
  const partition = (name: string, ...ticks: readonly Tick[]) => ({ name, entries: single(...ticks) })
  const start = (...names: readonly (readonly [string, ...Tick[]])[]) =>
    runLocal(straight(memorySource({ partitions: names.map(([name, ...ticks]) => partition(name, ...ticks)), capabilities: { bounded: false } }), store.sink({ name: 'table' }), letterBox()), null)
  const first = start(['old', tick(0)], ['kept', tick(0)])
  await until('both are read', () => first.ledger.read === 2)
  await first.stop()
  const statuses: number[] = []
  const second = start(['kept', tick(0), tick(5_000)])
  second.status$.subscribe(({ watermarkMillis }) => statuses.push(watermarkMillis))
  await until('the rest is read', () => second.ledger.read === 3)
  await second.stop()
  assert.is(statuses.at(-1), 5_000)
  assert.equal(values(sink), [])
})

test('an error in the middle of memory is read over once', async () => {
  const clock = manualClock()
  const sink = table<Tick>()
  const source = sourceOf([...single(tick(0)), failOnce(flaky('once')), ...single(...numbered(2).slice(1))])
  const job = runLocal(straight(source, sink, letterBox()), null, { clock })
  await clock.advance(100)
  assert.is((await job.done).total.read, 2)
})

test.run()

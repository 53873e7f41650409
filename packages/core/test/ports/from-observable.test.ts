import { ConnectorError, fromObservable, runLocal, toArray, type DeadLetter, type FromObservableOptions, type SourceBatch, type SourceContext } from '@millrace/core'
import { manualClock, memoryCheckpoints, sourceConformance, testCredit } from '@millrace/core/testing'
import { BehaviorSubject, concat, from, NEVER, Observable, of, range, Subject, throwError } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { perSecond, pipeline, reasonOf, straight, tick, turns, until, values, table, letterBox, type Tick } from '../local/support.js'
import { uvuRunner } from '../testing/uvu-runner.js'
import { contextWith } from './context.js'

const conformance = suite('fromObservable: conformance')
sourceConformance(uvuRunner(conformance), {
  capabilities: { bounded: false, replayable: false, acknowledges: false, partitions: 1 },
  open: async ([seed = []]) => {
    let given = 0
    const records = seed.flatMap((record) => (record._tag === 'Whole' ? [record.bytes] : []))
    // What was emitted is gone, and silence follows: like a feed.
    const feed = new Observable<Uint8Array>((subscriber) => {
      let open = true
      const emit = async (): Promise<void> => {
        for (; open && given < records.length; await turns(1)) for (let n = 0; n < 5 && given < records.length; n++) subscriber.next(records[given++] ?? new Uint8Array())
      }
      void emit()
      return () => (open = false)
    })
    return { source: () => fromObservable(feed), close: async () => undefined }
  },
})
conformance.run()

const test = suite('fromObservable')

/** Everything that a read has given, and how it ended. */
const watch = <A>(input: Observable<A> | (() => Observable<A>), options: FromObservableOptions = {}, context: Partial<SourceContext> = {}, after?: readonly [number, number]) => {
  const batches: SourceBatch<A, readonly [number, number]>[] = []
  const seen = {
    batches,
    // as: fromObservable gives lists
    get values() {
      return batches.flatMap(({ records }) => (records as readonly { readonly value: A }[]).map(({ value }) => value))
    },
    end: undefined as string | undefined, // as: it changes
    error: undefined as unknown, // as: it changes
    stop: (): void => undefined,
  }
  const subscription = fromObservable(input, options)
    .read(options.name ?? 'observable', after, contextWith(context))
    .subscribe({
      next: (batch) => batches.push(batch),
      complete: () => (seen.end = 'completed'),
      error: (error: unknown) => {
        seen.end = 'failed'
        seen.error = error
      },
    })
  seen.stop = () => subscription.unsubscribe()
  return seen
}

/** Credit that is given and taken by hand. */
const valve = (open: boolean) => {
  const paused$ = new BehaviorSubject(!open)
  return { paused$, credit: { ready: () => Promise.resolve(), paused$ } }
}

test('a run over it: what it emits becomes bars, and its end the end of the run', async () => {
  const feed = new Subject<Tick>()
  const out = table<string>('out')
  const job = runLocal(straight(fromObservable(feed), out, letterBox(), perSecond), null, { epochMillis: 0 })
  await until('it is subscribed to', () => feed.observed)
  feed.next(tick(100))
  feed.next(tick(1_100))
  await until('the first window has fired', () => out.rows().length === 1)
  assert.equal(values(out), ['a@0=1'])
  feed.complete()
  const { total } = await job.done
  assert.equal([values(out), total.read, feed.observed], [['a@0=1', 'a@1000=1'], 2, false])
})

test('nothing is subscribed to before the run, and a function is called once a read', async () => {
  let calls = 0
  const source = fromObservable(() => {
    calls++
    return of(tick(1))
  })
  assert.is(calls, 0)
  const out = toArray<Tick>('out')
  await runLocal(straight(source, out, toArray<DeadLetter>('dead letters')), null).done
  assert.equal([calls, out.values], [1, [tick(1)]])
})

test('what comes in one go is one batch', async () => {
  const feed = new Subject<number>()
  const seen = watch(feed)
  for (const n of [1, 2, 3]) feed.next(n)
  await turns(1)
  feed.next(4)
  await turns(1)
  assert.equal(seen.batches.map(({ records }) => (records as readonly unknown[]).length), [3, 1]) // as: fromObservable gives lists
})

test('what comes while there is no room waits, in order, and goes on when there is', async () => {
  const { paused$, credit } = valve(false)
  const feed = new Subject<number>()
  const seen = watch(feed, {}, { credit })
  for (const n of [1, 2, 3]) feed.next(n)
  await turns()
  assert.equal(seen.values, [])
  paused$.next(false)
  await turns()
  assert.equal(seen.values, [1, 2, 3])
})

test('more than may wait ends the read, after what waited, and names the remedy', async () => {
  const { paused$, credit } = valve(false)
  const feed = new Subject<number>()
  const seen = watch(feed, { name: 'ticker', maxBuffered: 3 }, { credit })
  for (const n of [1, 2, 3, 4, 5]) feed.next(n)
  assert.not.ok(feed.observed)
  await turns()
  assert.equal([seen.values, seen.end], [[], undefined])
  paused$.next(false)
  await turns()
  assert.equal([seen.values, seen.end], [[1, 2, 3], 'failed'])
  assert.instance(seen.error, ConnectorError)
  const { code, message, retryable } = seen.error as ConnectorError // as: just seen
  assert.equal([code, retryable], ['ResourceExhausted', false])
  assert.match(message, /fromObservable 'ticker': 3 values wait.*raise maxBuffered/)
})

test('a run whose observable floods it fails with that, and has lost nothing before', async () => {
  const out = toArray<Tick>('out')
  const flood = concat(range(0, 300), NEVER)
  const ticks = fromObservable(() => new Observable<Tick>((subscriber) => flood.subscribe((n) => subscriber.next(tick(n, 'a', n)))), { maxBuffered: 100 })
  const error = await reasonOf(runLocal(straight(ticks, out, letterBox()), null, { maxQueuedRecords: 50, epochMillis: 0 }).done)
  assert.is(error.code, 'ResourceExhausted')
  assert.equal(out.values.map(({ n }) => n), Array.from({ length: out.values.length }, (_, n) => n))
  assert.ok(out.values.length >= 100)
})

test('very many at once are no trouble while there is room', async () => {
  const seen = watch(range(0, 5_000), { maxBuffered: 1 })
  await turns(1)
  assert.equal([seen.values.length, seen.end], [5_000, 'completed'])
})

test('an observable that emits while it is being handed on keeps its order', async () => {
  const feed = new Subject<number>()
  const seen: number[] = []
  fromObservable(feed)
    .read('observable', undefined, contextWith())
    .subscribe(({ records }) => {
      for (const { value } of records as readonly { readonly value: number }[]) { // as: fromObservable gives lists
        seen.push(value)
        if (value < 5) feed.next(value + 1)
      }
    })
  feed.next(0)
  await turns()
  assert.equal(seen, [0, 1, 2, 3, 4, 5])
})

test('an error comes after what was emitted before it, classified, and not tried again', async () => {
  const { paused$, credit } = valve(false)
  const seen = watch(concat(from([1, 2]), throwError(() => new Error('torn'))), { name: 'ticker' }, { credit })
  await turns()
  assert.is(seen.end, undefined)
  paused$.next(false)
  await turns()
  assert.equal([seen.values, seen.end], [[1, 2], 'failed'])
  const { code, message, cause } = seen.error as ConnectorError // as: the next line would not hold otherwise
  assert.equal([code, message, (cause as Error).message], ['Unknown', "fromObservable 'ticker': the observable failed: torn", 'torn'])
})

test("an observable's own ConnectorError is passed on, so that it can ask to be tried again", async () => {
  let reads = 0
  const feed = () => (reads++ === 0 ? concat(of(tick(1)), throwError(() => new ConnectorError({ _tag: 'Down', code: 'Unavailable', message: 'down', retryable: true }))) : of(tick(2)))
  const out = toArray<Tick>('out')
  await runLocal(straight(fromObservable(feed), out, letterBox()), null, { retry: { initialDelayMillis: 1 } }).done
  assert.equal(out.values, [tick(1), tick(2)])
})

test('a function that throws is an error of the read', async () => {
  const seen = watch(() => {
    throw new Error('no feed')
  })
  await turns()
  assert.match(String(seen.error), /the observable failed: no feed/)
})

test('to unsubscribe is to unsubscribe from the observable, and nothing comes after', async () => {
  const { paused$, credit } = valve(false)
  const feed = new Subject<number>()
  const seen = watch(feed, {}, { credit })
  feed.next(1)
  seen.stop()
  paused$.next(false)
  await turns()
  assert.equal([seen.values, feed.observed, paused$.observed], [[], false, false])
})

test('an orderly end leaves the observable, gives what waits, and completes', async () => {
  const { paused$, credit } = valve(false)
  const ending = new AbortController()
  const feed = new Subject<number>()
  const seen = watch(feed, {}, { credit, ending: ending.signal })
  feed.next(1)
  ending.abort('stop')
  assert.not.ok(feed.observed)
  feed.next(2)
  await turns()
  assert.is(seen.end, undefined)
  paused$.next(false)
  await turns()
  assert.equal([seen.values, seen.end], [[1], 'completed'])
})

test('an end that had begun before completes without subscribing', async () => {
  const feed = new Subject<number>()
  const seen = watch(feed, {}, { ending: AbortSignal.abort('drain') })
  await turns()
  assert.equal([feed.observed, seen.end], [false, 'completed'])
})

test('says that it listens only while all was given', async () => {
  const { paused$, credit } = valve(true)
  const said: boolean[] = []
  const feed = new Subject<number>()
  watch(feed, {}, { credit, listening: (is) => said.push(is) })
  feed.next(1)
  await turns()
  assert.equal(said, [true, false, true])
  paused$.next(true)
  feed.next(2)
  await turns()
  paused$.next(false)
  await turns()
  assert.equal(said, [true, false, true, false, true])
})

/** Waits for room like a slow sink: everything that was emitted before the end is written, nothing that came after. */
for (const ending of ['stop', 'drain'] as const) {
  test(`a run that is told to ${ending} writes what was emitted by then, and leaves the observable`, async () => {
    const feed = new Subject<Tick>()
    const out = toArray<Tick>('out')
    const job = runLocal(straight(fromObservable(feed), out, letterBox()), null, { maxQueuedRecords: 2 })
    await until('it is subscribed to', () => feed.observed)
    for (let n = 0; n < 10; n++) feed.next(tick(n, 'a', n))
    const ended = job[ending]()
    await until('it is left', () => !feed.observed)
    feed.next(tick(10, 'a', 10))
    const { total } = await ended
    assert.equal([out.values.map(({ n }) => n), total.read, total.inFlight], [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10, 0])
  })
}

test('a run that was stopped goes on with what the observable emits then', async () => {
  const feed = new Subject<Tick>()
  const out = toArray<Tick>('out')
  const checkpoints = memoryCheckpoints()
  for (const n of [1, 2]) {
    const job = runLocal(straight(fromObservable(feed), out, letterBox()), null, { checkpoints })
    await until('it is subscribed to', () => feed.observed)
    feed.next(tick(n, 'a', n))
    assert.is((await job.stop()).run.outcome, 'stopped')
  }
  assert.equal(out.values.map(({ n }) => n), [1, 2])
})

test('silence closes windows', async () => {
  const clock = manualClock(0)
  const feed = new Subject<Tick>()
  const out = table<string>('out')
  const idling = pipeline(letterBox(), (p) => perSecond(p.read('in', fromObservable(feed)).eventTime('time', ({ t }) => t, { boundMillis: 0, idleAfterMillis: 1_000 })).write('out', out))
  const job = runLocal(idling, null, { clock, epochMillis: 0 })
  await until('it is subscribed to', () => feed.observed)
  feed.next(tick(500))
  await clock.advance(1_000)
  assert.equal(values(out), [])
  await clock.advance(1_000)
  assert.equal(values(out), ['a@0=1'])
  await job.cancel()
})

test('positions are never those of another life', async () => {
  const clock = manualClock(5_000)
  const first = watch(from(['a', 'b']), {}, { clock })
  await turns(1)
  const last = first.batches.at(-1)?.offset
  assert.equal(last, [5_000, 1])
  const again = watch(from(['c']), {}, { clock }, last)
  await turns(1)
  assert.equal(again.batches.at(-1)?.offset, [5_001, 0])
})

test('records are stamped when they came, also if they waited', async () => {
  const clock = manualClock(1_000)
  const { paused$, credit } = valve(false)
  const feed = new Subject<number>()
  const seen = watch(feed, {}, { clock, credit })
  feed.next(1)
  await clock.advance(500)
  paused$.next(false)
  await turns()
  assert.equal(seen.batches.map(({ records }) => (records as readonly { readonly receivedAtMillis: number }[])[0]?.receivedAtMillis), [1_000]) // as: fromObservable gives lists
})

test('an aborted read ends with the reason', async () => {
  const stop = new AbortController()
  const feed = new Subject<number>()
  const seen = watch(feed, {}, { signal: stop.signal, credit: testCredit(Infinity, stop.signal) })
  stop.abort(new Error('cancelled'))
  await turns()
  assert.match(String(seen.error), /cancelled/)
  assert.not.ok(feed.observed)
})

test('refuses a buffer of nothing', () => {
  assert.throws(() => fromObservable(NEVER, { name: 'ticker', maxBuffered: 0 }), /fromObservable 'ticker': maxBuffered must be an integer ≥ 1, got 0/)
})

test.run()

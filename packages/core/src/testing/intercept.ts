import { Observable } from 'rxjs'
import type { Data } from '../data.js'
import type { Instrument } from '../local/instrument.js'
import type { Guarantee, Sink, SinkWriter } from '../sink.js'
import type { Partition, Source, SourceBatch } from '../source.js'
import type { CheckpointStore, Host, Store } from '../store.js'
import type { Clock } from '../time/clock.js'
import type { Traits } from '../traits.js'

/** A call through a port. @public */
export interface PortCall {
  readonly port: 'source' | 'sink' | 'store' | 'checkpoints' | 'clock'
  /** Of the source or sink; `''` for the others. */
  readonly name: string
  /**
   * `source`: partitions, subscribe, next (one batch handed over), complete, settle; `sink`: open, write, prepare, commit, close; `store`:
   * open, commitEpoch, readCheckpoint, rollbackRun, close; `checkpoints`: read, write, close; `clock`: now, sleep.
   */
  readonly method: string
}

/**
 * What is done around a call. `before` may throw, reject or wait, and the call is as if it did; `after` follows a call
 * that succeeded. Around `subscribe`, `next`, `complete` and `now` nothing can be awaited: a promise they return is ignored.
 * @public
 */
export interface PortHook {
  readonly before: (call: PortCall) => void | Promise<void>
  readonly after: (call: PortCall) => void | Promise<void>
}

const awaiting =
  (hook: PortHook, port: PortCall['port'], name = '') =>
  async <T>(method: string, run: () => Promise<T>): Promise<T> => {
    const call: PortCall = { port, name, method }
    await hook.before(call)
    const result = await run()
    await hook.after(call)
    return result
  }

const atOnce =
  (hook: PortHook, port: PortCall['port'], name = '') =>
  <T>(method: string, run: () => T): T => {
    const call: PortCall = { port, name, method }
    void hook.before(call)
    const result = run()
    void hook.after(call)
    return result
  }

const interceptReads = <A, O>(
  batches: Observable<SourceBatch<A, O>>,
  at: ReturnType<typeof atOnce>,
): Observable<SourceBatch<A, O>> =>
  new Observable((subscriber) =>
    at('subscribe', () => {
      const guard = (method: string, run: () => void): void => {
        try {
          at(method, run)
        } catch (error) {
          subscriber.error(error)
        }
      }
      return batches.subscribe({
        next: (batch) => guard('next', () => subscriber.next(batch)),
        complete: () => guard('complete', () => subscriber.complete()),
        error: (error: unknown) => subscriber.error(error),
      })
    }),
  )

const interceptSource = <A, O extends Data, R extends Traits['reach']>(
  hook: PortHook,
  source: Source<A, O, R>,
): Source<A, O, R> => {
  const call = awaiting(hook, 'source', source.name)
  const at = atOnce(hook, 'source', source.name)
  const { settle, silent } = source
  return {
    name: source.name,
    reach: source.reach,
    capabilities: source.capabilities,
    offset: source.offset,
    partitions: (context) => call<readonly Partition[]>('partitions', () => source.partitions(context)),
    read: (partition, after, context) => interceptReads(source.read(partition, after, context), at),
    ...(silent && { silent: (partition: string, millis: number) => silent.call(source, partition, millis) }),
    ...(settle && { settle: (partition: string, upTo: O) => call('settle', () => settle.call(source, partition, upTo)) }),
  }
}

const interceptWriter = <A>(call: ReturnType<typeof awaiting>, writer: SinkWriter<A>): SinkWriter<A> => {
  const { prepare, commit } = writer
  return {
    write: (rows) => call('write', () => writer.write(rows)),
    ...(prepare && { prepare: (epoch: number) => call('prepare', () => prepare.call(writer, epoch)) }),
    ...(commit && { commit: (epoch: number, token: Data) => call('commit', () => commit.call(writer, epoch, token)) }),
    close: () => call('close', () => writer.close()),
  }
}

const interceptSink = <A, R extends Traits['reach'], P extends Traits['panes'], G extends Guarantee>(
  hook: PortHook,
  sink: Sink<A, R, P, G>,
): Sink<A, R, P, G> => {
  const call = awaiting(hook, 'sink', sink.name)
  return {
    name: sink.name,
    reach: sink.reach,
    accepts: sink.accepts,
    guarantee: sink.guarantee,
    open: async (context) => interceptWriter(call, await call('open', () => sink.open(context))),
    ...(sink.store && { store: sink.store }),
  }
}

const interceptStore = (hook: PortHook, store: Store): Store => {
  const call = awaiting(hook, 'store')
  const interceptHost = (host: Host): Host => ({
    commitEpoch: (epoch) => call('commitEpoch', () => host.commitEpoch(epoch)),
    readCheckpoint: (pipeline) => call('readCheckpoint', () => host.readCheckpoint(pipeline)),
    rollbackRun: (pipeline, run, checkpoint) => call('rollbackRun', () => host.rollbackRun(pipeline, run, checkpoint)),
    close: () => call('close', () => host.close()),
  })
  return {
    id: store.id,
    open: async (context) => interceptHost(await call('open', () => store.open(context))),
  }
}

const interceptCheckpoints = (hook: PortHook, checkpoints: CheckpointStore): CheckpointStore => {
  const call = awaiting(hook, 'checkpoints')
  return {
    read: (pipeline) => call('read', () => checkpoints.read(pipeline)),
    write: (pipeline, checkpoint) => call('write', () => checkpoints.write(pipeline, checkpoint)),
    close: () => call('close', () => checkpoints.close()),
  }
}

const interceptClock = (hook: PortHook, clock: Clock): Clock => {
  const call = awaiting(hook, 'clock')
  const at = atOnce(hook, 'clock')
  return {
    now: () => at('now', () => clock.now()),
    sleep: (millis, signal) => call('sleep', () => clock.sleep(millis, signal)),
  }
}

/** Puts one hook around every call through every port. @public */
export const intercept = (hook: PortHook): Instrument => ({
  source: (source) => interceptSource(hook, source),
  sink: (sink) => interceptSink(hook, sink),
  store: (store) => interceptStore(hook, store),
  checkpoints: (checkpoints) => interceptCheckpoints(hook, checkpoints),
  clock: (clock) => interceptClock(hook, clock),
})

import { fixedWindows, combine, runLocal, type DeadLetter, type Host, type LocalOptions, type Pipeline, type RunSummary, type Store } from '@millrace/core'
import { memoryBatch, memoryRecords, memorySource, memoryStore, memoryStoreData, type MemoryStoreData } from '@millrace/core/testing'
import { pipeline, reasonOf, tick, type Tick } from './support.js'

/** Files by name, each with the seconds that it has a tick in; a digest of its own unless given. */
export type Files = Readonly<Record<string, { readonly seconds: readonly number[]; readonly n?: number; readonly digest?: string; readonly fingerprint?: number }>>

/** Negative numbers are dead letters. */
const sound = (one: Tick): Tick => {
  if (one.n < 0) throw new Error('negative')
  return one
}

const secondOf = (bar: string): number => Number(bar.slice(bar.indexOf('@') + 1, bar.indexOf('=')))

/** A database that outlives the runs: bars of key and second, each owned by a run. */
export class Database {
  readonly data: MemoryStoreData = memoryStoreData()

  /** What a reader sees: `a@0=2`. */
  bars(): readonly string[] {
    return memoryStore({ data: this.data })
      .rows('bars')
      .map(({ value }) => String(value))
      .toSorted((a, b) => secondOf(a) - secondOf(b))
  }

  deadLetters(): number {
    return memoryStore({ data: this.data }).rows('dead letters').length
  }

  pipeline(files: Files, wrap: (store: Store) => Store = (store) => store, name = 'replacing'): Pipeline<null, 'local'> {
    const store = memoryStore({ data: this.data })
    const wrapped = wrap(store)
    const ofStore = <A>(sink: string, key?: (value: A) => string) => ({ ...store.sink<A>({ name: sink, ...(key && { key }) }), store: wrapped })
    const partitions = Object.entries(files).map(([file, { seconds, n = 1, digest = `${file} ${seconds.join()} ${n}`, fingerprint = seconds.length * 10 + n }]) => ({
      name: file,
      fingerprint,
      entries: seconds.map((second, index) =>
        memoryBatch(memoryRecords([tick(second * 1_000, 'a', n)], { position: index }), index === seconds.length - 1 ? { contentDigest: digest } : {}),
      ),
    }))
    return pipeline(ofStore<DeadLetter>('dead letters'), (p) =>
      p
        .read('in', memorySource<Tick>({ partitions }))
        .map('sound', sound)
        .eventTime('time', ({ t }) => t, { boundMillis: 0 })
        .keyBy('key', ({ k }) => k)
        .window(fixedWindows({ sizeMillis: 1_000 }))
        .aggregate('sum', combine.sum<Tick>(({ n }) => n))
        .map('bar', ({ key, window, value }) => `${key}@${window.startMillis}=${value}`)
        .write('out', ofStore<string>('bars', (bar) => bar.slice(0, bar.indexOf('=')))),
      name,
    )
  }

  run(files: Files, options: LocalOptions = {}, wrap?: (store: Store) => Store): Promise<RunSummary> {
    return runLocal(this.pipeline(files, wrap), null, options).done
  }

  async refused(files: Files, options: LocalOptions = {}): Promise<string> {
    const { _tag, message } = await reasonOf(this.run(files, options))
    return `${_tag}: ${message}`
  }
}

/** The store as one that knows of pipelines, as DuckDB does: replace never touches the rows of another one. */
export const knowingPipelines = (data: MemoryStoreData, pipelines = new Map<string, string>()) => (store: Store): Store => ({
  ...store,
  open: async (context) => {
    const host: Host = await store.open(context)
    const pipelineOf = (bar: string): string | undefined => pipelines.get(data.tables.get('bars')?.get(bar)?.owner ?? '')
    return {
      ...host,
      commitEpoch: async (epoch) => {
        if (epoch.run !== undefined) pipelines.set(epoch.run.id, epoch.pipeline)
        const bars = (epoch.rows.get('bars') ?? []).map(({ value }) => String(value).split('=')[0] ?? '')
        const foreign = bars.find((bar) => (pipelineOf(bar) ?? epoch.pipeline) !== epoch.pipeline)
        if (epoch.run?.replace === true && foreign !== undefined) return { _tag: 'Conflict', owner: undefined, example: `bars ${foreign} (a row of pipeline '${pipelineOf(foreign)}')` }
        const replaces = epoch.run?.replaces.filter((id) => pipelines.get(id) === epoch.pipeline) ?? []
        const result = await host.commitEpoch({ ...epoch, ...(epoch.run && { run: { ...epoch.run, replaces } }) })
        const pipeline = result._tag === 'Conflict' ? pipelines.get(result.owner ?? '') : undefined
        return pipeline === undefined ? result : { ...result, pipeline }
      },
    }
  },
})

/** A store whose process dies right after its so-manieth commit: it is done, and nobody gets to know. */
export const dyingAfter = (commits: number) => (store: Store): Store => {
  let made = 0
  return {
    ...store,
    open: async (context) => {
      const host: Host = await store.open(context)
      return {
        ...host,
        commitEpoch: async (epoch) => {
          const result = await host.commitEpoch(epoch)
          if (result._tag === 'Committed' && ++made >= commits) throw new Error('died')
          return result
        },
      }
    },
  }
}

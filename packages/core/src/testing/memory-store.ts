import { ConnectorError, type Failure } from '../failure.js'
import type { Outcome, Row, Sink } from '../sink.js'
import type { CommitResult, EpochCommit, Host, RunClaim, Store, StoredCheckpoint } from '../store.js'
import type { Traits } from '../traits.js'
import { copyData } from './copy-data.js'
import { afterWrite, copyCheckpoint } from './memory-checkpoints.js'

/** One row as the store keeps it. @public */
export interface StoredRow {
  readonly row: Row<unknown>
  /** The run that wrote it. */
  readonly owner: string | undefined
}

/** What a memory store keeps: it outlives the store, as a file outlives the process. @public */
export interface MemoryStoreData {
  /** By sink name, then by key. */
  tables: ReadonlyMap<string, ReadonlyMap<string, StoredRow>>
  checkpoints: ReadonlyMap<string, StoredCheckpoint>
}

/** What a sink of a memory store is made of. @public */
export interface MemoryStoreSinkOptions<A> {
  readonly name: string
  /** Rows with the same key are the same row; default: the rowId. */
  readonly key?: (value: A) => string
  /** Answer `Rejected` with this failure. */
  readonly reject?: (row: Row<A>) => Failure | undefined
}

/** A store in memory. @public */
export interface MemoryStore extends Store {
  /** A sink of this store. */
  sink<A>(options: MemoryStoreSinkOptions<A>): Sink<A, 'local', Traits['panes'], 'exact'>
  /** What a reader of a sink's table sees now, in the order in which keys came first. */
  rows(sink: string): readonly Row<unknown>[]
}

type Key = (row: Row<unknown>) => string
type Tables = Map<string, Map<string, StoredRow>>

/** Empty. @public */
export const memoryStoreData = (): MemoryStoreData => ({ tables: new Map(), checkpoints: new Map() })

const closed = (what: string): ConnectorError =>
  new ConnectorError({ _tag: 'Closed', code: 'FailedPrecondition', message: `${what} is closed: open it again` })

const copyTables = (tables: MemoryStoreData['tables']): Tables =>
  new Map([...tables].map(([name, table]) => [name, new Map(table)]))

const deleteRuns = (tables: Tables, runs: ReadonlySet<string>): void => {
  for (const table of tables.values()) {
    for (const [key, { owner }] of table) if (owner !== undefined && runs.has(owner)) table.delete(key)
  }
}

interface KeyedRow {
  readonly table: Map<string, StoredRow>
  readonly name: string
  readonly key: string
  readonly row: Row<unknown>
}

const keyedRows = (tables: Tables, rows: EpochCommit['rows'], keys: ReadonlyMap<string, Key>): readonly KeyedRow[] =>
  [...rows].flatMap(([name, ofSink]) => {
    const keyOf = keys.get(name)
    if (keyOf === undefined) throw new Error(`memoryStore: no open sink has the name ${name}`)
    const table = tables.get(name) ?? new Map<string, StoredRow>()
    tables.set(name, table)
    // Rows hold Data; their type cannot say so, because interfaces have no index signature.
    return ofSink.map((row) => ({ table, name, key: keyOf(row), row: copyData(row as never) as Row<unknown> }))
  })

/** Rows that the run must not touch, and which runs it may delete to get there. */
const foreignRows = (rows: readonly KeyedRow[], run: RunClaim): readonly (KeyedRow & Pick<StoredRow, 'owner'>)[] => {
  const own: readonly (string | undefined)[] = run.replace ? [run.id] : [run.id, ...run.replaces]
  return rows.flatMap((keyed) => {
    const there = keyed.table.get(keyed.key)
    return there === undefined || own.includes(there.owner) ? [] : [{ ...keyed, owner: there.owner }]
  })
}

const claimRows = (tables: Tables, rows: readonly KeyedRow[], run: RunClaim): CommitResult => {
  const foreign = foreignRows(rows, run)
  const [first] = foreign
  if (first !== undefined && !run.replace) {
    return { _tag: 'Conflict', owner: first.owner, example: `${first.name} ${first.key}` }
  }
  const touched = foreign.flatMap(({ owner }) => (owner === undefined ? [] : [owner]))
  const replaced = new Set([...touched, ...(run.last ? run.replaces : [])])
  deleteRuns(tables, replaced)
  return { _tag: 'Committed', replaced: [...replaced] }
}

/** All or nothing: works on copies, which take the place of the data at the end. */
const commit = (data: MemoryStoreData, epoch: EpochCommit, keys: ReadonlyMap<string, Key>): CommitResult => {
  const tables = copyTables(data.tables)
  const rows = keyedRows(tables, epoch.rows, keys)
  const result: CommitResult = epoch.run ? claimRows(tables, rows, epoch.run) : { _tag: 'Committed', replaced: [] }
  if (result._tag === 'Conflict') return result
  for (const { table, key, row } of rows) table.set(key, { row, owner: epoch.run?.id })
  const stored = afterWrite(data.checkpoints.get(epoch.pipeline), epoch.checkpoint)
  data.checkpoints = new Map(data.checkpoints).set(epoch.pipeline, stored)
  data.tables = tables
  return result
}

const openHost = (data: MemoryStoreData, keys: ReadonlyMap<string, Key>): Host => {
  let isClosed = false
  const assertOpen = (): void => {
    if (isClosed) throw closed('the memory store')
  }
  return {
    commitEpoch: async (epoch) => {
      assertOpen()
      return commit(data, epoch, keys)
    },
    readCheckpoint: async (pipeline) => {
      assertOpen()
      const stored = data.checkpoints.get(pipeline)
      return stored && copyCheckpoint(stored)
    },
    rollbackRun: async (pipeline, run, checkpoint) => {
      assertOpen()
      const tables = copyTables(data.tables)
      deleteRuns(tables, new Set([run]))
      const stored = afterWrite(data.checkpoints.get(pipeline), checkpoint)
      data.checkpoints = new Map(data.checkpoints).set(pipeline, stored)
      data.tables = tables
    },
    close: async () => {
      isClosed = true
    },
  }
}

const judgingSink = <A>(
  { name, reject }: MemoryStoreSinkOptions<A>,
  store: Store,
): Sink<A, 'local', Traits['panes'], 'exact'> => ({
  name,
  reach: 'local',
  accepts: 'accumulating',
  guarantee: 'exact',
  store,
  open: async () => {
    let isClosed = false
    const judge = (row: Row<A>): Outcome => {
      const failure = reject?.(row)
      return failure ? { _tag: 'Rejected', failure } : { _tag: 'Written' }
    }
    return {
      write: async (rows) => {
        if (isClosed) throw closed(`sink ${name}`)
        return rows.map(judge)
      },
      close: async () => {
        isClosed = true
      },
    }
  },
})

/**
 * A store in memory: hosts checkpoints, and commits the rows of its sinks with them, all or nothing, by the rules of runs. Every
 * commit copies its tables: it is made to be obviously right, not fast.
 * @param options - `data` that outlive it (default new ones); `id` of the store (default `memory`): two stores on the same data must
 *   have the same
 * @public
 */
export const memoryStore = ({
  data = memoryStoreData(),
  id = 'memory',
}: { readonly data?: MemoryStoreData; readonly id?: string } = {}): MemoryStore => {
  const keys = new Map<string, Key>()
  const store: MemoryStore = {
    id,
    open: async () => openHost(data, keys),
    sink: <A>(options: MemoryStoreSinkOptions<A>) => {
      const { name, key } = options
      // The rows of this name are those that this sink was given.
      keys.set(name, (row) => (key ? key(row.value as A) : row.rowId))
      return judgingSink(options, store)
    },
    rows: (sink) => [...(data.tables.get(sink)?.values() ?? [])].map(({ row }) => row),
  }
  return store
}

import type { CommitResult, EpochCommit, Host, Outcome, Row, SinkWriter, Store } from '@millrace/core'
import { memoryTable, runSuite, sinkConformance, type SinkHarness, type Table, type TestRunner } from '@millrace/core/testing'
import { closeSync, openSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { storeHarness, tableHarness, type AnySink, type Value, type WrapSink } from './sink-harness.js'

const test = suite('sink conformance catches')

/** Ends what the mutants left open on purpose. */
const releases: (() => void)[] = []

const holdFile = (): void => {
  const file = openSync(new URL(import.meta.url).pathname, 'r')
  releases.push(() => closeSync(file))
}

/** Runs the one case that must fail. */
const catches = async (caughtBy: string, harness: SinkHarness<Value>): Promise<void> => {
  const results = await runSuite((runner) => {
    const only: TestRunner = { ...runner, test: (name, run) => name === caughtBy && runner.test(name, run), skip: () => undefined }
    sinkConformance(only, { ...harness, deadlineMillis: 1_000 })
  })
  for (const release of releases.splice(0)) release()
  assert.equal(results.map((result) => [result.name, result._tag]), [[caughtBy, 'Failed']])
}

type Writer = SinkWriter<Value>

const withWriter =
  (change: (writer: Writer, sink: AnySink) => Partial<Writer>): WrapSink =>
  (sink) => ({
    ...sink,
    open: async (context) => {
      const writer = await sink.open(context)
      return { ...writer, ...change(writer, sink) }
    },
  })

const withHost =
  (change: (host: Host) => Partial<Host>): WrapSink =>
  (sink) => {
    const store: Store | undefined = sink.store && {
      id: sink.store.id,
      open: async (context) => {
        // The store is there: it was looked at above.
        const host = await (sink.store as Store).open(context)
        return { ...host, ...change(host) }
      },
    }
    return { ...sink, ...(store && { store }) }
  }

const tables: readonly (readonly [string, string, 'exact' | 'idempotent' | 'repeating', WrapSink])[] = [
  [
    'opens a file when it is constructed',
    'constructing a sink opens nothing',
    'repeating',
    (sink) => {
      holdFile()
      return sink
    },
  ],
  [
    'answers Written and writes nothing',
    'writes one row',
    'idempotent',
    withWriter(() => ({ write: async (rows) => rows.map((): Outcome => ({ _tag: 'Written' })) })),
  ],
  [
    'keeps only the rows of the last write of an epoch',
    'writes many rows, in several writes of one epoch and over several epochs',
    'exact',
    withWriter((writer) => {
      let last: readonly Row<Value>[] = []
      return {
        write: (rows) => {
          last = rows
          return writer.write(rows)
        },
        // The token of a memory sink is the rows.
        prepare: async (epoch) => (await writer.prepare?.(epoch), last.map((row) => ({ ...row }))) as never,
      }
    }),
  ],
  [
    'changes the rows that it is given',
    'writes one row',
    'idempotent',
    withWriter((writer) => ({
      write: (rows) => {
        // A row is read-only by its type: to write to it is the mutation.
        for (const row of rows) (row as { rowId: string }).rowId += '!'
        return writer.write(rows)
      },
    })),
  ],
  [
    'answers only for the rows that it wrote',
    'a bad row is Rejected at its index, and its neighbours are Written',
    'idempotent',
    withWriter((writer) => ({
      write: async (rows) => (await writer.write(rows)).filter((outcome) => outcome._tag === 'Written'),
    })),
  ],
  [
    'lets a bad row spoil its neighbours',
    'a bad row is Rejected at its index, and its neighbours are Written',
    'repeating',
    withWriter((writer) => ({
      write: async (rows) => {
        const bad = rows.find((row) => row.value.bad)
        return bad ? rows.map((): Outcome => ({ _tag: 'Rejected', failure: { _tag: 'Bad', code: 'InvalidArgument', message: 'bad' } })) : writer.write(rows)
      },
    })),
  ],
  [
    'adds a row that is there already',
    'a row written again with the same rowId is there once',
    'idempotent',
    (() => {
      let count = 0
      return withWriter((writer) => ({ write: (rows) => writer.write(rows.map((row) => ({ ...row, rowId: String(count++) }))) }))
    })(),
  ],
  [
    'shows rows before they are committed',
    'exact: rows are invisible until their epoch is committed',
    'exact',
    withWriter((writer) => ({
      prepare: async (epoch) => {
        const token = (await writer.prepare?.(epoch)) ?? null
        await writer.commit?.(epoch, token)
        return token
      },
    })),
  ],
  [
    'forgets which epochs were committed',
    'exact: to commit an epoch twice changes nothing, also after a later one, and from a new sink',
    'exact',
    (() => {
      let count = 0
      return withWriter((writer) => ({ commit: async (_epoch, token) => writer.commit?.(++count, token) }))
    })(),
  ],
  [
    'keeps prepared rows in the process, and only a name in the token',
    'exact: what was prepared before a crash is committed by a new sink with the token',
    'exact',
    withWriter((writer) => {
      const prepared = new Map<number, never>()
      return {
        prepare: async (epoch) => {
          prepared.set(epoch, (await writer.prepare?.(epoch)) as never)
          return epoch
        },
        commit: async (epoch) => writer.commit?.(epoch, prepared.get(epoch) ?? []),
      }
    }),
  ],
  [
    'refuses to be closed twice',
    'may be closed twice, also when nothing was written',
    'repeating',
    withWriter((writer) => {
      let isClosed = false
      return {
        close: async () => {
          if (isClosed) throw new Error('closed already')
          isClosed = true
          await writer.close()
        },
      }
    }),
  ],
  [
    'leaves a write hanging when it is closed',
    'may be closed while a write is under way: both end',
    'idempotent',
    withWriter((writer) => ({ write: (rows) => (rows.length === 100 ? new Promise(() => undefined) : writer.write(rows)) })),
  ],
  [
    'accepts rows after close',
    'after close, a write (and a commit of its store) is refused with an error that says so',
    'repeating',
    withWriter(() => ({ close: async () => undefined })),
  ],
  [
    'keeps its file open when it is closed',
    'closed, it leaves nothing open',
    'repeating',
    withWriter(() => {
      holdFile()
      return {}
    }),
  ],
]

for (const [name, caughtBy, guarantee, wrap] of tables) {
  test(`a sink that ${name}`, () => catches(caughtBy, tableHarness(guarantee, { wrap })))
}

test('a sink that loses what was prepared before, with the next epoch of a new one', () => {
  // The table remembers uncommitted rows, and commits them with the next epoch that comes.
  const leaky = (): Table<Value> => {
    const table = memoryTable<Value>()
    return { ...table, commit: (pipeline, epoch, rows) => table.commit(pipeline, epoch, [...pending.splice(0), ...rows]) }
  }
  const pending: Row<Value>[] = []
  const wrap = withWriter((writer) => ({
    write: (rows) => {
      pending.push(...rows)
      return writer.write([])
    },
  }))
  const caughtBy = 'exact: rows that were not committed are gone when the sink is opened again'
  return catches(caughtBy, tableHarness('exact', { newTable: leaky, wrap }))
})

test('a sink whose rows are gone when it is closed', () =>
  catches(
    'rows are still there after the sink was closed, and after it was opened again',
    tableHarness('repeating', { reopen: ((): ((table: Table<Value>) => Table<Value>) => {
      let calls = 0
      return (table) => (calls++ < 1 ? table : memoryTable<Value>())
    })() }),
  ))

const withoutRun = ({ run, ...epoch }: EpochCommit): EpochCommit => epoch

const inTwoSteps = async (host: Host, epoch: EpochCommit): Promise<CommitResult> => {
  await host.commitEpoch({ ...withoutRun(epoch), rows: new Map() })
  return host.commitEpoch(epoch)
}

const stores: readonly (readonly [string, string, WrapSink])[] = [
  [
    'has an id of its own in every value',
    'store: two sinks into one target have stores of the same id',
    (() => {
      let count = 0
      return (sink) => ({ ...sink, ...(sink.store && { store: { ...sink.store, id: String(count++) } }) })
    })(),
  ],
  [
    'commits rows without the checkpoint',
    'store: rows and checkpoint come with commitEpoch, and not before',
    withHost((host) => ({ commitEpoch: (epoch) => host.commitEpoch({ ...epoch, pipeline: 'elsewhere' }) })),
  ],
  [
    'commits the checkpoint without rows',
    'store: rows and checkpoint come with commitEpoch, and not before',
    withHost((host) => ({ commitEpoch: (epoch) => host.commitEpoch({ ...epoch, rows: new Map() }) })),
  ],
  [
    'never empties its log of changes',
    'store: a checkpoint is the last header and the changes since the last reset',
    withHost((host) => ({
      commitEpoch: (epoch) => host.commitEpoch({ ...epoch, checkpoint: { ...epoch.checkpoint, reset: false } }),
    })),
  ],
  [
    'forgets changes of earlier epochs',
    'store: a checkpoint is the last header and the changes since the last reset',
    withHost((host) => ({
      commitEpoch: (epoch) => host.commitEpoch({ ...epoch, checkpoint: { ...epoch.checkpoint, reset: true } }),
    })),
  ],
  [
    'has one checkpoint for all pipelines',
    'store: checkpoints of two pipelines are apart',
    withHost((host) => ({
      commitEpoch: (epoch) => host.commitEpoch({ ...epoch, pipeline: 'one' }),
      readCheckpoint: () => host.readCheckpoint('one'),
    })),
  ],
  [
    'overwrites rows of other runs',
    'runs: a key of another run is a Conflict that names it, and nothing is written',
    withHost((host) => ({
      commitEpoch: (epoch) => host.commitEpoch(epoch.run ? { ...epoch, run: { ...epoch.run, replace: true } } : epoch),
    })),
  ],
  [
    'writes the checkpoint of a conflict',
    'runs: a key of another run is a Conflict that names it, and nothing is written',
    withHost((host) => ({ commitEpoch: (epoch) => inTwoSteps(host, epoch) })),
  ],
  [
    'deletes only the keys that are touched',
    'runs: with replace, the runs it touches are deleted whole, and no other',
    withHost((host) => ({ commitEpoch: (epoch) => host.commitEpoch(epoch.run?.replace ? withoutRun(epoch) : epoch) })),
  ],
  [
    'replaces known runs with the first epoch',
    'runs: runs to be replaced whole go with the last epoch, touched or not',
    withHost((host) => ({
      commitEpoch: (epoch) => host.commitEpoch(epoch.run?.replace ? { ...epoch, run: { ...epoch.run, last: true } } : epoch),
    })),
  ],
  [
    'rolls back the checkpoint and leaves the rows',
    'runs: rollbackRun deletes what the run wrote, and writes the checkpoint with it',
    withHost((host) => ({ rollbackRun: (pipeline, _run, checkpoint) => host.rollbackRun(pipeline, 'nobody', checkpoint) })),
  ],
]

for (const [name, caughtBy, wrap] of stores) {
  test(`a store that ${name}`, () => catches(caughtBy, storeHarness(wrap)))
}

test.run()

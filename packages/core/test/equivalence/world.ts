import type { CheckpointStore, DeadLetter, Failure, Guarantee, Row, Sink, Traits } from '@millrace/core'
import { memoryCheckpoints } from '#src/testing/memory-checkpoints.js'
import { memorySink } from '#src/testing/memory-sink.js'
import { memoryStore, memoryStoreData } from '#src/testing/memory-store.js'
import { memoryTable, type Table } from '#src/testing/memory-table.js'
import { canonical } from './canonical.js'
import { nodesOf, sinkOf, type CaseSpec, type Node } from './case.js'
import { mix } from './dice.js'

// any: values of random pipelines have whatever shape the input and the stages before gave them
type Any = any
type AnySink = Sink<Any, 'local', Traits['panes'], Guarantee>

/** Where rows, dead letters and checkpoints of a case end up: it outlives every run, as a database does. */
export interface World {
  readonly checkpoints: CheckpointStore | undefined
  /** The sinks of one run. */
  sinks(): {
    readonly write: (node: Node) => AnySink
    readonly deadLetters: () => Sink<DeadLetter, 'local', Traits['panes'], Guarantee>
  }
  /** By the sink's name. */
  rows(sink: string): readonly Row<unknown>[]
  deadLetters(): readonly Row<DeadLetter>[]
}

const failure: Failure = { _tag: 'Unwanted', code: 'InvalidArgument', message: 'this sink does not take that' }

const deadLetterSink = 'sink of dead letters'

/** Whether the sink of a write rejects a value: by the value alone. */
export const rejects = (spec: CaseSpec): ((write: string, value: unknown) => boolean) => {
  const writes = new Map(nodesOf(spec.reads.flatMap(({ next }) => next)).map((node) => [node.name, node.stage]))
  return (write, value) => {
    const stage = writes.get(write)
    return stage?.kind === 'write' && stage.rejectOneIn > 0 && mix(canonical(value), 3) % stage.rejectOneIn === 0
  }
}

type Reject = (row: Row<unknown>) => Failure | undefined

/** A shared sink rejects nothing: it does not know which write a row comes from. */
const rejectIn =
  (rejected: ReturnType<typeof rejects>, node: Node): Reject =>
  ({ value }) =>
    rejected(node.name, value) ? failure : undefined

/** The same sink for the same name. */
const once = (make: (node: Node) => AnySink): ((node: Node) => AnySink) => {
  const made = new Map<string, AnySink>()
  return (node) => {
    const sink = made.get(sinkOf(node)) ?? make(node)
    made.set(sinkOf(node), sink)
    return sink
  }
}

const guaranteeOf = ({ stage }: Node): Guarantee => (stage.kind === 'write' ? stage.guarantee : 'exact')

/** Tables of their own, and a checkpoint store. */
const separateWorld = (spec: CaseSpec): World => {
  const rejected = rejects(spec)
  const tables = new Map<string, Table<Any>>()
  const tableOf = (name: string): Table<Any> => {
    const table = tables.get(name) ?? memoryTable<Any>()
    tables.set(name, table)
    return table
  }
  return {
    checkpoints: memoryCheckpoints(),
    sinks: () => ({
      write: once((node) =>
        memorySink({
          name: sinkOf(node),
          guarantee: guaranteeOf(node),
          table: tableOf(sinkOf(node)),
          reject: rejectIn(rejected, node),
        }),
      ),
      deadLetters: () => memorySink({ name: deadLetterSink, guarantee: spec.deadLetters, table: tableOf('') }),
    }),
    rows: (sink) => tableOf(sink).rows(),
    deadLetters: () => tableOf('').rows(),
  }
}

/** One store for everything, the checkpoint included. */
const hostedWorld = (spec: CaseSpec): World => {
  const rejected = rejects(spec)
  const data = memoryStoreData()
  // A row that is written twice shall show, so no two have one key.
  let rows = 0
  const key = (): string => String(rows++)
  return {
    checkpoints: undefined,
    sinks: () => {
      const store = memoryStore({ data })
      return {
        write: once((node) => store.sink<Any>({ name: sinkOf(node), key, reject: rejectIn(rejected, node) })),
        deadLetters: () => store.sink<DeadLetter>({ name: deadLetterSink, key }),
      }
    },
    rows: (sink) => memoryStore({ data }).rows(sink),
    // as: what the dead-letter sink was given
    deadLetters: () => memoryStore({ data }).rows(deadLetterSink) as readonly Row<DeadLetter>[],
  }
}

export const newWorld = (spec: CaseSpec): World => (spec.hosted ? hostedWorld(spec) : separateWorld(spec))

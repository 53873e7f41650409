import type { CheckpointStore, DeadLetter, Failure, Guarantee, Row, Sink, Traits } from '@millrace/core'
import { memoryCheckpoints } from '#src/testing/memory-checkpoints.js'
import { memorySink } from '#src/testing/memory-sink.js'
import { memoryStore, memoryStoreData } from '#src/testing/memory-store.js'
import { memoryTable, type Table } from '#src/testing/memory-table.js'
import { canonical } from './canonical.js'
import { nodesOf, type CaseSpec, type Node } from './case.js'
import { mix } from './dice.js'

// any: values of random pipelines have whatever shape the input and the stages before gave them
type Any = any
type AnySink = Sink<Any, 'local', Traits['panes'], Guarantee>

/** Where rows, dead letters and checkpoints of a case end up: it outlives every run, as a database does. */
export interface World {
  readonly checkpoints: CheckpointStore | undefined
  /** The sinks of one run. */
  sinks(): { readonly write: (node: Node) => AnySink; readonly deadLetters: () => Sink<DeadLetter, 'local', Traits['panes'], Guarantee> }
  rows(write: string): readonly Row<unknown>[]
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

const rejectIn = (rejected: ReturnType<typeof rejects>, write: string): Reject => ({ value }) => (rejected(write, value) ? failure : undefined)

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
      write: (node) => memorySink({ name: `sink of ${node.name}`, guarantee: guaranteeOf(node), table: tableOf(node.name), reject: rejectIn(rejected, node.name) }),
      deadLetters: () => memorySink({ name: deadLetterSink, guarantee: spec.deadLetters, table: tableOf('') }),
    }),
    rows: (write) => tableOf(write).rows(),
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
        write: (node) => store.sink<Any>({ name: `sink of ${node.name}`, key, reject: rejectIn(rejected, node.name) }),
        deadLetters: () => store.sink<DeadLetter>({ name: deadLetterSink, key }),
      }
    },
    rows: (write) => memoryStore({ data }).rows(`sink of ${write}`),
    // as: what the dead-letter sink was given
    deadLetters: () => memoryStore({ data }).rows(deadLetterSink) as readonly Row<DeadLetter>[],
  }
}

export const newWorld = (spec: CaseSpec): World => (spec.hosted ? hostedWorld(spec) : separateWorld(spec))

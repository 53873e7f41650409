import type { Guarantee, Row, Sink } from '@millrace/core'
import {
  memorySink,
  memoryStore,
  memoryStoreData,
  memoryTable,
  type SinkHarness,
  type Table,
} from '@millrace/core/testing'

export interface Value {
  readonly index: number
  readonly revision: number
  readonly bad?: boolean
}

export type AnySink = Sink<Value, 'local', 'single' | 'accumulating' | 'discarding', Guarantee>
export type WrapSink = (sink: AnySink) => AnySink

const show = (value: Value): string => JSON.stringify(value)
const value = (index: number, revision = 0): Value => ({ index, revision })
const badValue = (index: number): Value => ({ index, revision: 0, bad: true })
const keep: WrapSink = (sink) => sink

const reject = (row: Row<Value>) =>
  row.value.bad ? ({ _tag: 'Bad', code: 'InvalidArgument', message: 'the value is bad' } as const) : undefined

interface TableHarnessOptions {
  readonly newTable?: () => Table<Value>
  /** The table as a sink that was made anew finds it. */
  readonly reopen?: (table: Table<Value>) => Table<Value>
  readonly wrap?: WrapSink
}

/** The memory sink; `wrap` may break it. */
export const tableHarness = (guarantee: Guarantee, options: TableHarnessOptions = {}): SinkHarness<Value> => {
  const { newTable = memoryTable, reopen = (table) => table, wrap = keep } = options
  return {
    capabilities: { guarantee, rejects: true },
    open: async () => {
      const table = newTable()
      return {
        sink: () => wrap(memorySink<Value>({ guarantee, table: reopen(table), reject })),
        value,
        badValue,
        received: async () => reopen(table).rows().map((row) => show(row.value)),
        show,
        close: async () => undefined,
      }
    },
  }
}

/** A keyed sink of the memory store; `wrap` may break it. */
export const storeHarness = (wrap: WrapSink = keep): SinkHarness<Value> => ({
  capabilities: { guarantee: 'exact', rejects: true, hosted: true, runs: true },
  open: async () => {
    const data = memoryStoreData()
    const name = 'table'
    return {
      sink: () => wrap(memoryStore({ data }).sink<Value>({ name, key: ({ index }) => String(index), reject })),
      value,
      badValue,
      // The rows of this table are values.
      received: async () => memoryStore({ data }).rows(name).map((row) => show(row.value as Value)),
      show,
      close: async () => undefined,
    }
  },
})

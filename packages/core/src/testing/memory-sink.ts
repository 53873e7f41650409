import type { Data } from '../data.js'
import { ConnectorError, type Failure } from '../failure.js'
import type { Guarantee, Outcome, Row, Sink, SinkContext, SinkWriter } from '../sink.js'
import type { Traits } from '../traits.js'
import { memoryTable, type Table } from './memory-table.js'

/** A retry that is to wait. @public */
export interface LaterRetry {
  readonly failure: Failure
  readonly afterMillis: number
}

/** What `memorySink` is made of. @public */
export interface MemorySinkOptions<A, P extends Traits['panes'], G extends Guarantee> {
  readonly guarantee: G
  /** Default `memory`. */
  readonly name?: string
  /** Which panes it takes; default all. */
  readonly accepts?: P
  /** Where the rows go; default a new `memoryTable()`. */
  readonly table?: Table<A>
  /** Answer `Rejected` with this failure. */
  readonly reject?: (row: Row<A>) => Failure | undefined
  /** Answer `Retry` (asked after `reject`). `attempt` counts the times this row was written before, from 0. */
  readonly retry?: (row: Row<A>, attempt: number) => Failure | LaterRetry | undefined
}

/** A sink whose rows can be looked at. @public */
export interface MemorySink<A, P extends Traits['panes'], G extends Guarantee> extends Sink<A, 'local', P, G> {
  /** What a reader of the table sees now. */
  rows(): readonly Row<A>[]
}

const written: Outcome = { _tag: 'Written' }

/** Says what the rows become, and counts attempts of rows that are to be retried. */
const judge = <A>({ reject, retry }: Pick<MemorySinkOptions<A, never, never>, 'reject' | 'retry'>) => {
  const attempts = new Map<string, number>()
  return (row: Row<A>): Outcome => {
    const failure = reject?.(row)
    if (failure !== undefined) return { _tag: 'Rejected', failure }
    const attempt = attempts.get(row.rowId) ?? 0
    const again = retry?.(row, attempt)
    if (again === undefined) return written
    attempts.set(row.rowId, attempt + 1)
    return 'failure' in again ? { _tag: 'Retry', ...again } : { _tag: 'Retry', failure: again }
  }
}

const closedError = (name: string): ConnectorError =>
  new ConnectorError({
    _tag: 'Closed',
    code: 'FailedPrecondition',
    message: `sink ${name} is closed: open it again to write`,
  })

const writerTo = <A>(name: string, judgeRow: (row: Row<A>) => Outcome, keep: (rows: readonly Row<A>[]) => Promise<void>) => {
  let closed = false
  const assertOpen = (): void => {
    if (closed) throw closedError(name)
  }
  const write = async (rows: readonly Row<A>[]): Promise<readonly Outcome[]> => {
    assertOpen()
    const outcomes = rows.map(judgeRow)
    await keep(rows.filter((_row, index) => outcomes[index]?._tag === 'Written'))
    return outcomes
  }
  const close = async (): Promise<void> => {
    closed = true
  }
  return { write, close, assertOpen }
}

type Token<A> = readonly Row<A>[]

const exactWriter = <A>(
  name: string,
  judgeRow: (row: Row<A>) => Outcome,
  table: Table<A>,
  context: SinkContext,
): SinkWriter<A> => {
  let waiting: Row<A>[] = []
  const { assertOpen, ...writer } = writerTo<A>(name, judgeRow, async (rows) => void waiting.push(...rows))
  return {
    ...writer,
    prepare: async () => {
      assertOpen()
      const rows = waiting
      waiting = []
      // Rows hold Data; their type cannot say so, because interfaces have no index signature.
      return rows.map(({ rowId, value }) => ({ rowId, value })) as unknown as Data
    },
    commit: async (epoch, token) => {
      assertOpen()
      // What `prepare` gave.
      await table.commit(context.pipeline, epoch, token as unknown as Token<A>)
    },
  }
}

/**
 * A sink into a table in memory or in a file. By `guarantee`:
 *
 * - `exact`: rows are invisible until `commit`, which is idempotent by pipeline and epoch; the token is the rows, so their values
 *   must be Data.
 * - `idempotent`: rows are visible at once, one per `rowId`.
 * - `repeating`: rows are visible at once, and as often as they were written.
 * @public
 */
export const memorySink = <
  A,
  P extends Traits['panes'] = Traits['panes'],
  G extends Guarantee = Guarantee,
>(
  options: MemorySinkOptions<A, P, G>,
): MemorySink<A, P, G> => {
  const { guarantee, name = 'memory', table = memoryTable<A>() } = options
  const judgeRow = judge<A>(options)
  const open = async (context: SinkContext): Promise<SinkWriter<A>> => {
    if (guarantee === 'exact') return exactWriter(name, judgeRow, table, context)
    const keep = guarantee === 'idempotent' ? table.upsert : table.append
    const { write, close } = writerTo<A>(name, judgeRow, keep)
    return { write, close }
  }
  return {
    name,
    reach: 'local',
    // Without `accepts` it takes every kind of pane, which is what P then is.
    accepts: (options.accepts ?? 'discarding') as P,
    guarantee,
    open,
    rows: table.rows,
  }
}

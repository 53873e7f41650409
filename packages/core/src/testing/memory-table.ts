import type { Row } from '../sink.js'
import { ConnectorError } from '../failure.js'
import { copyData } from './copy-data.js'
import { dataToJson } from './json-data.js'

/**
 * What a memory sink writes to. It outlives the sink, as a database outlives the process: a crashed run is resumed by a new
 * sink on the same table.
 * @public
 */
export interface Table<A> {
  /** What a reader sees now, in the order in which it was written (a row written again keeps its place). */
  rows(): readonly Row<A>[]
  /** Adds rows, whatever is there already. */
  append(rows: readonly Row<A>[]): Promise<void>
  /** Adds rows; one with a `rowId` that is there already takes its place. */
  upsert(rows: readonly Row<A>[]): Promise<void>
  /**
   * Appends the rows of an epoch, all or none, once: a second call for the same pipeline and epoch changes nothing.
   * @throws ConnectorError (`EpochChanged`) if the second call brings other rows
   */
  commit(pipeline: string, epoch: number, rows: readonly Row<A>[]): Promise<void>
}

/** One change of a table: what a file table keeps as a line. */
export type TableChange<A> =
  | { readonly _tag: 'Append' | 'Upsert'; readonly rows: readonly Row<A>[] }
  | { readonly _tag: 'Commit'; readonly pipeline: string; readonly epoch: number; readonly rows: readonly Row<A>[] }

/** The rows of a table, by its changes. */
export interface TableState<A> {
  readonly rows: () => readonly Row<A>[]
  /** `false`: that epoch was committed before, there is nothing to do. */
  readonly isNew: (change: TableChange<A>) => boolean
  readonly apply: (change: TableChange<A>) => void
}

const epochChanged = (pipeline: string, epoch: number): ConnectorError =>
  new ConnectorError({
    _tag: 'EpochChanged',
    code: 'FailedPrecondition',
    message: `epoch ${epoch} of pipeline ${pipeline} was committed before with other rows: one of the two would be lost`,
  })

/** The state that a table's changes add up to. */
export const tableState = <A>(): TableState<A> => {
  const rows: Row<A>[] = []
  const places = new Map<string, number>()
  const epochs = new Map<string, string>()
  const epochKey = (pipeline: string, epoch: number): string => JSON.stringify([pipeline, epoch])
  const put = (row: Row<A>, replace: boolean): void => {
    const place = replace ? (places.get(row.rowId) ?? rows.length) : rows.length
    places.set(row.rowId, place)
    rows[place] = row
  }
  const isNew = (change: TableChange<A>): boolean => {
    if (change._tag !== 'Commit') return change.rows.length > 0
    const known = epochs.get(epochKey(change.pipeline, change.epoch))
    if (known !== undefined && known !== dataToJson(change.rows)) throw epochChanged(change.pipeline, change.epoch)
    return known === undefined
  }
  const apply = (change: TableChange<A>): void => {
    if (change._tag === 'Commit') epochs.set(epochKey(change.pipeline, change.epoch), dataToJson(change.rows))
    for (const row of change.rows) put(row, change._tag === 'Upsert')
  }
  return { rows: () => rows.slice(), isNew, apply }
}

/**
 * A table made of its state and of a way to make a change durable; `save` gives the change as it will be read back, sharing
 * nothing with what it was given.
 */
export const tableOf = <A>(state: TableState<A>, save: (change: TableChange<A>) => TableChange<A>): Table<A> => {
  const make = async (change: TableChange<A>): Promise<void> => {
    if (state.isNew(change)) state.apply(save(change))
  }
  return {
    rows: state.rows,
    append: (rows) => make({ _tag: 'Append', rows }),
    upsert: (rows) => make({ _tag: 'Upsert', rows }),
    commit: (pipeline, epoch, rows) => make({ _tag: 'Commit', pipeline, epoch, rows }),
  }
}

/** Rows are Data by the contract of sinks' tokens; their type does not say so, because interfaces have no index signature. */
const copyChange = <A>(change: TableChange<A>): TableChange<A> => copyData(change as never) as TableChange<A>

/** A table in memory. Rows are copied on their way in: their values must be Data. @public */
export const memoryTable = <A>(): Table<A> => tableOf(tableState(), copyChange)

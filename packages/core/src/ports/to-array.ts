import type { Row, Sink } from '../sink.js'
import type { Traits } from '../traits.js'
import { allWritten, closable } from './writer.js'

/** A sink whose rows code can look at. @public */
export interface ArraySink<A> extends Sink<A, 'local', Traits['panes'], 'idempotent'> {
  /** All values written so far, in the order in which they came first. A new array each time; the values are those that were written. */
  readonly values: readonly A[]
  /** The same with their ids. */
  readonly rows: readonly Row<A>[]
}

/**
 * A sink into memory: `const bars = toArray<Bar>('bars')`, and after the run `bars.values`. A row that is written again takes the
 * place of the first (`idempotent`); rows are there as soon as they are written, and gone with the process. It grows without limit:
 * for tests, scripts and small results.
 * @param name - unique in the pipeline; default `array`
 * @public
 */
export const toArray = <A>(name = 'array'): ArraySink<A> => {
  const byId = new Map<string, Row<A>>()
  return {
    name,
    reach: 'local',
    accepts: 'discarding',
    guarantee: 'idempotent',
    open: async () =>
      closable<A>(name, async (rows) => {
        for (const row of rows) byId.set(row.rowId, row)
        return allWritten(rows)
      }),
    get values() {
      return Array.from(byId.values(), ({ value }) => value)
    },
    get rows() {
      return [...byId.values()]
    },
  }
}

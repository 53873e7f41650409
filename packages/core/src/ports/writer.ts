import { ConnectorError } from '../failure.js'
import type { Outcome, SinkWriter } from '../sink.js'

/** Every row was taken. */
export const allWritten = (rows: readonly unknown[]): readonly Outcome[] => rows.map(() => ({ _tag: 'Written' }))

/** A writer that refuses rows once it is closed, by the name of its sink. */
export const closable = <A>(name: string, write: SinkWriter<A>['write'], onClose: () => void = () => undefined): SinkWriter<A> => {
  let closed = false
  return {
    write: async (rows) => {
      if (!closed) return write(rows)
      throw new ConnectorError({ _tag: 'Closed', code: 'FailedPrecondition', message: `sink '${name}' is closed: open it again to write` })
    },
    close: async () => {
      if (!closed) onClose()
      closed = true
    },
  }
}

import type { Failure } from '@millrace/core'
import type { Columns } from './columns.js'
import type { Failures } from './failures.js'
import { Lexer, isWhole } from './lexer.js'
import type { Pending } from './pending.js'

/** Gives the pending record, without the blanks after it; cut, with a failure, where it is larger than the limit. @internal */
export const givePending = (pending: Pending, columns: Columns, failures: Failures): void => {
  const bytes = pending.trimmedBytes
  const failure = bytes > failures.maxRecordBytes ? failures.oversized(pending.start, bytes) : undefined
  columns.append(pending.take(bytes), pending.start, bytes, failure)
}

/** Gives all that is pending as the one record that carries `failure`. @internal */
export const failPending = (pending: Pending, columns: Columns, failure: Failure): void => {
  const bytes = pending.trimmedBytes
  columns.append(pending.take(bytes), pending.start, bytes, failure)
}

/** An empty record that carries `failure`. @internal */
export const failEmpty = (columns: Columns, position: number, failure: Failure): void =>
  columns.append(Buffer.alloc(0), position, 0, failure)

/**
 * What is pending where the content ends, outside of arrays. Without a cut it is a record. With one, it is whole if all that
 * it opened is closed, and the failure gets an empty record behind it; otherwise it is the rest that carries the failure.
 * @internal
 */
export const endPending = (
  pending: Pending, total: number, columns: Columns, failures: Failures, cut: Failure | undefined,
): void => {
  if (pending.active && (cut === undefined || pendingIsWhole(pending, failures.maxRecordBytes))) {
    givePending(pending, columns, failures)
  }
  if (cut === undefined) return
  if (pending.active) failPending(pending, columns, cut)
  else failEmpty(columns, total, cut)
}

const pendingIsWhole = (pending: Pending, maxBytes: number): boolean => {
  const { trimmedBytes } = pending
  if (trimmedBytes > maxBytes) return false
  const lexer = new Lexer()
  const text = pending.peek(trimmedBytes)
  return lexer.scan(text, 0) === text.length && isWhole(lexer, pending.last, pending.endsBlank)
}

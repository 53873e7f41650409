import * as t from 'io-ts'
import type { Data } from '../../data.js'
import { randomHex } from '../../time/system.js'

/**
 * How far a journal was read. It says which journal that was, so that the offset of one is never taken for a place in another.
 * @public
 */
export type JournalOffset = {
  /** Id of the journal: sixteen hexadecimal digits, made at random when its first file is. */
  readonly journal: string
  /** Of the last record, from 1; 0: before the first one. */
  readonly number: number
  /** When that record was received, Unix epoch; of a gap, when it ended. */
  readonly receivedAtMillis: number
}

/** Of an id, as it lies in a segment. */
export const ID_BYTES = 8

/** An id that no other journal has. */
export const newJournalId = (): string => randomHex(ID_BYTES)

const shape = t.type({ journal: t.string, number: t.number, receivedAtMillis: t.number })
const idPattern = /^[0-9a-f]{16}$/

const isOffset = (input: unknown): input is JournalOffset =>
  shape.is(input) && idPattern.test(input.journal) && Number.isSafeInteger(input.number) && input.number >= 0

/** Its form in a checkpoint. */
export const journalOffset: t.Type<JournalOffset, Data> = new t.Type(
  'JournalOffset',
  isOffset,
  (input, context) => (isOffset(input) ? t.success(input) : t.failure(input, context)),
  ({ journal, number, receivedAtMillis }) => ({ journal, number, receivedAtMillis }),
)

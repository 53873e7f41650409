import { readFile, stat, truncate, unlink } from 'node:fs/promises'
import type { Logger } from '../../logger.js'
import { damagedJournal, missingRecords, otherJournal } from './journal-errors.js'
import { newJournalId, type JournalOffset } from './journal-offset.js'
import type { JournalState } from './journal-writer.js'
import type { SegmentHead } from './record-form.js'
import { lastSegmentContent, readSegmentHead, type SegmentContent } from './segment-content.js'
import { listSegments, type Segment, type SegmentName } from './segments.js'

/** One of the last segments: how much of it is whole, and how long it is. */
interface Look {
  readonly name: SegmentName
  readonly content: SegmentContent
  readonly size: number
}

/** The last segment; and those before it, as long as nothing behind them is whole. */
const lookFromEnd = async (names: readonly SegmentName[]): Promise<readonly Look[]> => {
  const looks: Look[] = []
  for (const name of names.toReversed()) {
    const buffer = await readFile(name.path)
    const content = lastSegmentContent(name.path, name.first, buffer)
    looks.push({ name, content, size: buffer.length })
    if (content.head !== undefined) break
  }
  return looks
}

const cutTail = async ({ name: { path }, content, size }: Look, logger: Logger): Promise<void> => {
  if (size === content.bytes && size > 0) return
  const torn = size - content.bytes
  if (content.bytes === 0) await unlink(path)
  else await truncate(path, content.bytes)
  logger.warn(
    `the end of ${path} was torn by a crash: ${torn} bytes from byte ${content.bytes} on were no whole record, and were cut off (record ${content.nextNumber})`,
  )
}

const withSizes = async (names: readonly SegmentName[]): Promise<readonly Segment[]> => {
  const segments: Segment[] = []
  let base = 0
  for (const { path, first } of names) {
    const bytes = (await stat(path)).size
    segments.push({ path, first, bytes, base })
    base += bytes
  }
  return segments
}

/** What was found, and not changed yet. */
interface Found {
  /** Of the segments that stay. */
  readonly names: readonly SegmentName[]
  /** Of the first one of them. */
  readonly head: SegmentHead | undefined
  /** Of the last one of them; if none stays, of the last one that goes. */
  readonly content: SegmentContent | undefined
  readonly looks: readonly Look[]
}

const find = async (directory: string): Promise<Found> => {
  const all = await listSegments(directory)
  const looks = await lookFromEnd(all)
  const names = all.slice(0, all.length - looks.filter(({ content }) => content.head === undefined).length)
  const first = names[0]
  if (first === undefined) return { names, head: undefined, content: looks[0]?.content, looks }
  const head = await readSegmentHead(first)
  const last = looks.at(-1)
  const other = last?.content.head?.journal
  if (last !== undefined && other !== head.journal) throw damagedJournal(last.name.path, 0, `this is of the journal ${other}, and ${first.path} of ${head.journal}`)
  return { names, head, content: last?.content, looks }
}

/** @throws RefusedError, ConnectorError (`DataLoss`) if what is there does not go on behind `after` */
const check = (directory: string, { names, head, content }: Found, after: JournalOffset): void => {
  const first = names[0]?.first ?? 0
  // One that went on from a lost journal, and was not in any checkpoint yet.
  const follows = head?.before === after.journal && after.number === first - 1
  if (head !== undefined && head.journal !== after.journal && !follows) throw otherJournal(directory, head.journal, after.journal)
  const goneNumber = head === undefined ? (content?.nextNumber ?? 1) - 1 : head.previousNumber
  if (after.number < goneNumber) throw missingRecords(directory, after.number + 1, goneNumber)
}

/** When the source was last heard, by what is there and what was processed. */
const heardAt = (lastMillis: number, lastNumber: number, after: JournalOffset | undefined): number =>
  after !== undefined && after.number >= lastNumber && (after.receivedAtMillis > lastMillis || Number.isNaN(lastMillis)) ? after.receivedAtMillis : lastMillis

const lostEnd = (directory: string, head: SegmentHead | undefined, lastNumber: number, after: JournalOffset): string =>
  head === undefined
    ? `there is no journal in ${directory}, but record ${after.number} of the journal ${after.journal} was processed: it was removed or lost, or that is another directory; a new one goes on with record ${after.number + 1}, after a gap`
    : `the journal in ${directory} ends with record ${lastNumber}, but record ${after.number} was processed: its end was lost (a power cut, or an older copy); it goes on with record ${after.number + 1}`

/**
 * Looks at what is there, and cuts off the torn end. To be called by the owner of the directory.
 * @param after the last record that was processed
 * @throws RefusedError (`OtherJournal`) if it is of another journal; nothing was changed then
 * @throws ConnectorError (`DataLoss`) if records behind it are damaged or missing
 */
export const openJournal = async (directory: string, after: JournalOffset | undefined, logger: Logger): Promise<JournalState> => {
  const found = await find(directory)
  const { names, head, content, looks } = found
  if (after !== undefined) check(directory, found, after)
  for (const look of looks) await cutTail(look, logger)
  const lastNumber = (content?.nextNumber ?? 1) - 1
  if (after !== undefined && after.number > lastNumber) logger.warn(lostEnd(directory, head, lastNumber, after))
  return {
    directory,
    journal: head?.journal ?? newJournalId(),
    before: head === undefined ? after?.journal : undefined,
    segments: await withSizes(names),
    lastNumber,
    lastMillis: heardAt(content?.lastMillis ?? Number.NaN, lastNumber, after),
    nextNumber: Math.max(lastNumber, after?.number ?? 0) + 1,
  }
}

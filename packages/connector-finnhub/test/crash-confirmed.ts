// Whether a journal holds what the exchange was told had arrived.
import type { JournalRecord } from '@millrace/core'

/** A message that an exchange sent, as `sent()` of an exchange has it. */
export interface SentMessage {
  readonly connection: number
  readonly data: string | Uint8Array
}

/** The messages of one connection, in order, and how many of them had arrived for sure. */
interface Connection {
  readonly number: number
  readonly messages: readonly Buffer[]
  readonly confirmed: number
}

const connectionsOf = (sent: readonly SentMessage[], pongs: readonly number[]): readonly Connection[] => {
  const messages = new Map<number, Buffer[]>()
  const confirmed = new Map<number, number>()
  const answered = new Set(pongs)
  sent.forEach(({ connection, data }, index) => {
    const own = messages.get(connection) ?? []
    own.push(Buffer.from(data))
    messages.set(connection, own)
    // The ping came right behind this message, on its connection.
    if (answered.has(index + 1)) confirmed.set(connection, own.length)
  })
  return [...messages].map(([number, own]) => ({ number, messages: own, confirmed: confirmed.get(number) ?? 0 }))
}

/** What was received by connection: each begins with a gap, except the first. */
const receivedOf = (dump: readonly JournalRecord[]): readonly (readonly Buffer[])[] => {
  const received: Buffer[][] = [[]]
  for (const record of dump) {
    if (record._tag === 'Gap') received.push([])
    else if (record._tag === 'Frame') received.at(-1)?.push(record.value)
  }
  return received.filter(({ length }) => length > 0)
}

const isBeginningOf = (frames: readonly Buffer[], { messages }: Connection): boolean =>
  frames.length <= messages.length && frames.every((frame, i) => messages[i]?.equals(frame) === true)

const lost = ({ number, confirmed }: Connection, received: number): readonly string[] =>
  received >= confirmed ? [] : [`connection ${number}: ${confirmed} messages were confirmed by pongs, ${received} are in the journal`]

/**
 * Compares what a journal holds with what was sent and what was confirmed; says what is wrong. Each connection's frames in the journal
 * must be the beginning of what was sent on it, and at least as many as had been sent before a ping that was answered.
 * @param pongs how many messages had been sent before each ping that was answered
 */
export const confirmedMissing = (sent: readonly SentMessage[], pongs: readonly number[], dump: readonly JournalRecord[]): readonly string[] => {
  const received = receivedOf(dump)
  const wrong: string[] = []
  let next = 0
  for (const connection of connectionsOf(sent, pongs)) {
    const frames = received[next]
    const isHere = frames !== undefined && isBeginningOf(frames, connection)
    if (isHere) next += 1
    wrong.push(...lost(connection, isHere ? frames.length : 0))
  }
  if (next < received.length) wrong.push(`the journal holds ${received[next]?.length ?? 0} frames in a row that were not sent so on one connection: connection ${next + 1} of those in the journal`)
  return wrong
}

import type { DeadLetter, JournalRecord } from '@millrace/core'

const pathOf = ({ path }: DeadLetter): readonly number[] => JSON.parse(path) as readonly number[] // as: that is what the column holds

const isBefore = (a: DeadLetter, b: DeadLetter): boolean => {
  const [left, right] = [pathOf(a), pathOf(b)]
  const at = left.findIndex((index, i) => index !== right[i])
  return at < 0 ? left.length < right.length : (left[at] ?? 0) < (right[at] ?? -1)
}

const holds = ({ payload_text: text, payload_base64: base64 }: DeadLetter, frame: Buffer | undefined): boolean => {
  if (frame === undefined) return false
  return text === null ? base64 === frame.toString('base64') : base64 === null && Buffer.from(text).equals(frame)
}

const checkRecord = (position: string, rows: readonly DeadLetter[], frame: Buffer | undefined): readonly string[] => {
  const [carrier, ...others] = rows.filter((row) => row.payload_text !== null || row.payload_base64 !== null)
  if (carrier === undefined || others.length > 0) return [`the frame ${position} is on ${others.length + (carrier === undefined ? 0 : 1)} of its ${rows.length} dead letters`]
  if (!holds(carrier, frame)) return [`the frame ${position} of the dead letters is not that of the journal`]
  return rows.some((row) => isBefore(row, carrier)) ? [`the frame ${position} is not on the lowest path of its dead letters`] : []
}

/** Every frame with dead letters is kept whole, once, on that of the lowest path. */
export const payloadsWrong = (rows: readonly DeadLetter[], dump: readonly JournalRecord[]): readonly string[] => {
  const frames = new Map<string, Buffer>(dump.flatMap((record) => (record._tag === 'Frame' ? [[`[${record.number}]`, record.value] as const] : [])))
  const byFrame = new Map<string, DeadLetter[]>()
  for (const row of rows) {
    const known = byFrame.get(row.source_position)
    if (known === undefined) byFrame.set(row.source_position, [row])
    else known.push(row)
  }
  return [...byFrame].flatMap(([position, some]) => checkRecord(position, some, frames.get(position)))
}

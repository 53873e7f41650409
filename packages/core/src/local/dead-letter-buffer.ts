import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import type { Origin, Position } from '../envelope.js'
import type { Failure } from '../failure.js'
import type { Row } from '../sink.js'
import type { Clock } from '../time/clock.js'
import { deadLetterOf, letterOf, payloadText, type Letter, type LetterContext, type PayloadText } from './dead-letter-row.js'
import { ElementView, type Elements } from './elements.js'
import type { RejectDetails } from './reject-details.js'

/** Enough to end an epoch early: what waits is held in memory. */
const maxWaitingLetters = 5_000
const maxWaitingBytes = 8 * 1024 * 1024

/** The dead letters of one source record in one epoch; only the row of the lowest path carries the payload. */
interface RecordGroup {
  readonly payload: PayloadText
  readonly truncated: boolean
  readonly letters: Letter[]
}

const noPayload: PayloadText = { text: null, base64: null }

const byPath = (a: Letter, b: Letter): number => {
  for (let i = 0; i < Math.min(a.path.length, b.path.length); i++) {
    const order = (a.path[i] as number) - (b.path[i] as number) // as: i is below both lengths
    if (order !== 0) return order
  }
  return a.path.length - b.path.length
}

const positionKey = (position: Position): string | number => (position.length === 1 ? (position[0] ?? 0) : JSON.stringify(position))

/** Collects what could not be processed until the epoch writes it, whole records at a time. */
export class DeadLetterBuffer {
  /** By source, partition and position. */
  readonly #sources = new Map<string, Map<string, Map<string | number, RecordGroup>>>()
  #letters = 0
  #bytes = 0

  constructor(
    readonly context: LetterContext,
    readonly clock: Clock,
  ) {}

  get size(): number {
    return this.#letters
  }

  get full(): boolean {
    return this.#letters >= maxWaitingLetters || this.#bytes >= maxWaitingBytes
  }

  add(stage: string, kind: StageKind, elements: Elements, index: number, failure: Failure, details: RejectDetails): void {
    const view = new ElementView(elements)
    view.index = index
    const letter = letterOf(stage, kind, view, failure, details, this.clock.now())
    this.#group(letter.origin, view).letters.push(letter)
    this.#letters++
    this.#bytes += (letter.valueJson?.length ?? 0) + failure.message.length
  }

  /** Everything that waits, as rows for the dead-letter sink; the buffer is empty afterwards. */
  take(): Row<DeadLetter>[] {
    const rows: Row<DeadLetter>[] = []
    for (const partitions of this.#sources.values()) {
      for (const groups of partitions.values()) for (const group of groups.values()) this.#addRows(group, rows)
    }
    this.#sources.clear()
    this.#letters = 0
    this.#bytes = 0
    return rows
  }

  #addRows({ payload, truncated, letters }: RecordGroup, rows: Row<DeadLetter>[]): void {
    letters.sort(byPath)
    for (const letter of letters) {
      const value = deadLetterOf(letter, letter === letters[0] ? payload : noPayload, truncated, this.context)
      rows.push({ value, rowId: value.dead_letter_id })
    }
  }

  #group({ source, partition, position }: Origin, view: ElementView): RecordGroup {
    let partitions = this.#sources.get(source)
    if (partitions === undefined) this.#sources.set(source, (partitions = new Map()))
    let groups = partitions.get(partition)
    if (groups === undefined) partitions.set(partition, (groups = new Map()))
    const key = positionKey(position)
    let group = groups.get(key)
    if (group !== undefined) return group
    const payload = view.elements.records.payload(view.row)
    groups.set(key, (group = { payload: payloadText(payload), truncated: payload?.truncated ?? false, letters: [] }))
    this.#bytes += (group.payload.text ?? group.payload.base64)?.length ?? 0
    return group
  }
}

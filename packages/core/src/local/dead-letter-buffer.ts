import { DeadLetterIds } from '../dead-letter/id.js'
import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import { comparePositions, type Origin, type Position } from '../envelope.js'
import type { Failure } from '../failure.js'
import type { Row } from '../sink.js'
import type { Clock } from '../time/clock.js'
import { deadLetterOf, payloadText, type LetterContext, type OpenRow } from './dead-letter-row.js'
import { ElementView, type Elements } from './elements.js'
import type { RejectDetails } from './reject-details.js'

/** Enough to end an epoch early: what waits is held in memory. */
const maxWaitingLetters = 5_000
const maxWaitingBytes = 8 * 1024 * 1024

/** By position: the index of the record's first row. */
type FirstRows = Map<string | number, number>

const positionKey = (position: Position): string | number => (position.length === 1 ? (position[0] ?? 0) : JSON.stringify(position))

/**
 * Collects what could not be processed until the epoch writes it, by record and path; of each record the payload once. In
 * columns, since most records have one letter, and what waits is copied by the collector.
 */
export class DeadLetterBuffer {
  #rows: OpenRow[] = []
  #paths: (readonly number[])[] = []
  /** Of each row the first row of its record. */
  #firsts: number[] = []
  #hasBrothers = false
  /** By source and partition. */
  readonly #records = new Map<string, Map<string, FirstRows>>()
  /** By stage. */
  readonly #ids = new Map<string, DeadLetterIds>()
  #bytes = 0

  constructor(
    readonly context: LetterContext,
    readonly clock: Clock,
  ) {}

  get size(): number {
    return this.#rows.length
  }

  get full(): boolean {
    return this.#rows.length >= maxWaitingLetters || this.#bytes >= maxWaitingBytes
  }

  add(stage: string, kind: StageKind, elements: Elements, index: number, failure: Failure, details: RejectDetails): void {
    const view = new ElementView(elements).moveTo(index)
    const reason = { stage, kind, failure, details, occurredAtMillis: this.clock.now() }
    const row = deadLetterOf(reason, view, this.#idsOf(stage), this.context)
    this.#firsts.push(this.#firstOf(view, row))
    this.#rows.push(row)
    this.#paths.push(view.path)
    this.#bytes += (row.stage_value_json?.length ?? 0) + failure.message.length
  }

  /** Everything that waits, as rows for the dead-letter sink; the buffer is empty afterwards. */
  take(): Row<DeadLetter>[] {
    const order = this.#rows.map((_, i) => i)
    if (this.#hasBrothers) this.#sort(order)
    const rows = order.map((i) => {
      const value = this.#rows[i] as OpenRow // as: an index of rows
      return { value, rowId: value.dead_letter_id }
    })
    this.#rows = []
    this.#paths = []
    this.#firsts = []
    this.#hasBrothers = false
    this.#records.clear()
    this.#bytes = 0
    return rows
  }

  /** Records as they came, and in each its paths; the payload goes to the lowest. */
  #sort(order: number[]): void {
    const [rows, paths, firsts] = [this.#rows, this.#paths, this.#firsts]
    // as: order holds indexes of the columns, here and below
    order.sort((a, b) => (firsts[a] as number) - (firsts[b] as number) || comparePositions(paths[a] as readonly number[], paths[b] as readonly number[]))
    let record = -1
    for (const i of order) {
      const first = firsts[i] as number
      if (first !== record && first !== i) movePayload(rows[first] as OpenRow, rows[i] as OpenRow)
      record = first
    }
  }

  /** The first row of the record that a new row belongs to; if it is this one, it gets the payload. */
  #firstOf(view: ElementView, row: OpenRow): number {
    const records = this.#recordsOf(view.origin)
    const key = positionKey(view.origin.position)
    const known = records.get(key)
    if (known !== undefined) {
      this.#hasBrothers = true
      row.payload_truncated = this.#rows[known]?.payload_truncated ?? false
      return known
    }
    const payload = view.elements.records.payload(view.row)
    const { text, base64 } = payloadText(payload)
    row.payload_text = text
    row.payload_base64 = base64
    row.payload_truncated = payload?.truncated ?? false
    this.#bytes += (text ?? base64)?.length ?? 0
    records.set(key, this.#rows.length)
    return this.#rows.length
  }

  #recordsOf({ source, partition }: Origin): FirstRows {
    let partitions = this.#records.get(source)
    if (partitions === undefined) this.#records.set(source, (partitions = new Map()))
    let records = partitions.get(partition)
    if (records === undefined) partitions.set(partition, (records = new Map()))
    return records
  }

  #idsOf(stage: string): DeadLetterIds {
    let ids = this.#ids.get(stage)
    if (ids === undefined) this.#ids.set(stage, (ids = new DeadLetterIds(this.context.pipeline, stage)))
    return ids
  }
}

const movePayload = (from: OpenRow, to: OpenRow): void => {
  to.payload_text = from.payload_text
  to.payload_base64 = from.payload_base64
  from.payload_text = null
  from.payload_base64 = null
}

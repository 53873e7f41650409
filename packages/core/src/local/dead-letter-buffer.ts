import { DeadLetterIds } from '../dead-letter/id.js'
import { absent, Payloads } from '../dead-letter/payload.js'
import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import { comparePositions, type Position } from '../envelope.js'
import type { Failure } from '../failure.js'
import type { Row } from '../sink.js'
import type { Clock } from '../time/clock.js'
import { deadLetterOf, noPayload, waitingLetter, type LetterContext, type WaitingLetter } from './dead-letter-row.js'
import { ElementView, upTo, type Elements } from './elements.js'
import type { RejectDetails } from './reject-details.js'

/** Enough to end an epoch early: what waits is held in memory. */
const maxWaitingLetters = 5_000
const maxWaitingBytes = 8 * 1024 * 1024

/** By position: the index of the record's first letter. */
type FirstLetters = Map<string | number, number>

const positionKey = (position: Position): string | number => (position.length === 1 ? (position[0] ?? 0) : JSON.stringify(position))

/**
 * Collects what could not be processed until the epoch writes it, by record and path; of each record the payload once. The rows
 * are made only when they are taken, and what is a number for each letter is in columns: what waits is copied by the collector.
 */
export class DeadLetterBuffer {
  #letters: WaitingLetter[] = []
  #occurredAtMillis: number[] = []
  #eventTimesMillis: number[] = []
  /** Of each letter the first letter of its record. */
  #firsts: number[] = []
  #hasBrothers = false
  /** By source and partition. */
  readonly #records = new Map<string, Map<string, FirstLetters>>()
  /** By stage. */
  readonly #ids = new Map<string, DeadLetterIds>()
  readonly #payloads = new Payloads()
  /** UTF-16 units of the texts that are not payloads. */
  #length = 0

  constructor(
    readonly context: LetterContext,
    readonly clock: Clock,
  ) {}

  get size(): number {
    return this.#letters.length
  }

  get full(): boolean {
    return this.#letters.length >= maxWaitingLetters || this.#length + this.#payloads.size >= maxWaitingBytes
  }

  add(stage: string, kind: StageKind, elements: Elements, index: number, failure: Failure, details: RejectDetails): void {
    const view = new ElementView(elements).moveTo(index)
    const letter = waitingLetter(this.#idsOf(stage), kind, view, failure, details)
    this.#firsts.push(this.#firstOf(view, letter))
    this.#letters.push(letter)
    this.#occurredAtMillis.push(this.clock.now())
    this.#eventTimesMillis.push(view.eventTimeMillis)
    this.#length += (letter.stageValueJson?.length ?? 0) + letter.message.length
  }

  /** Everything that waits, as rows for the dead-letter sink; the buffer is empty afterwards. */
  take(): Row<DeadLetter>[] {
    const order = upTo(this.#letters.length)
    if (this.#hasBrothers) this.#sort(order)
    const rows = order.map((i) => this.#rowAt(i))
    this.#letters = []
    this.#occurredAtMillis = []
    this.#eventTimesMillis = []
    this.#firsts = []
    this.#hasBrothers = false
    this.#records.clear()
    this.#payloads.clear()
    this.#length = 0
    return rows
  }

  #rowAt(i: number): Row<DeadLetter> {
    const letter = this.#letters[i] as WaitingLetter // as: an index of the columns, below too
    const payload = letter.payload === noPayload ? absent : this.#payloads.at(letter.payload)
    const value = deadLetterOf(letter, payload, this.#occurredAtMillis[i] as number, this.#eventTimesMillis[i] as number, this.context)
    return { value, rowId: value.dead_letter_id }
  }

  /** Records as they came, and in each its paths; the payload goes to the lowest. */
  #sort(order: number[]): void {
    const letters = this.#letters
    const firsts = this.#firsts
    // as: order holds indexes of the columns, here and below
    const pathAt = (i: number): readonly number[] => (letters[i] as WaitingLetter).path
    order.sort((a, b) => (firsts[a] as number) - (firsts[b] as number) || comparePositions(pathAt(a), pathAt(b)))
    let record = -1
    for (const i of order) {
      const first = firsts[i] as number
      if (first !== record && first !== i) movePayload(letters[first] as WaitingLetter, letters[i] as WaitingLetter)
      record = first
    }
  }

  /** The first letter of the record that a new letter belongs to; if it is this one, it gets the payload. */
  #firstOf(view: ElementView, letter: WaitingLetter): number {
    const records = this.#recordsOf(letter)
    const key = typeof letter.position === 'number' ? letter.position : positionKey(letter.position)
    const known = records.get(key)
    if (known !== undefined) {
      this.#hasBrothers = true
      letter.payloadTruncated = this.#letters[known]?.payloadTruncated ?? false
      return known
    }
    const payload = view.elements.records.payload(view.row)
    if (payload !== undefined) {
      letter.payload = this.#payloads.add(payload.value)
      letter.payloadTruncated = payload.truncated
    }
    records.set(key, this.#letters.length)
    return this.#letters.length
  }

  #recordsOf({ source, partition }: WaitingLetter): FirstLetters {
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

const movePayload = (from: WaitingLetter, to: WaitingLetter): void => {
  to.payload = from.payload
  from.payload = noPayload
}

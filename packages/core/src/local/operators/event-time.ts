import type { Failure } from '../../failure.js'
import { PartitionWatermark } from '../../time/partition-watermark.js'
import type { WatermarkPolicy } from '../../time/policy.js'
import { rowOf, select, upTo, valuesOf, withTimes, type Elements } from '../elements.js'
import { failureOf } from '../failure-of.js'
import { Operator, type OperatorHost } from '../operator.js'

/** By row: how long before each record nothing came although it could have. */
type Silences = Float64Array | undefined

/** Gives elements their event time, judges it, and makes the watermark of the read: the least of its partitions. */
export class EventTimeOperator extends Operator {
  readonly #partitions = new Map<string, PartitionWatermark>()
  #current: PartitionWatermark | undefined
  /** By row of the batch at hand, if any record of it tells. */
  #silences: Silences
  #nextRow = 0
  #sent = Number.NEGATIVE_INFINITY

  constructor(
    stage: string,
    host: OperatorHost,
    readonly millis: (value: unknown) => number,
    readonly policy: WatermarkPolicy,
    readonly bounded: boolean,
    /** How far a window that has not fired may begin before the watermark. */
    readonly windowMillis: number,
  ) {
    super(stage, 'eventTime', host)
  }

  /** Every partition of the read holds the watermark back until it has ended, started or not. */
  open(partition: string): PartitionWatermark {
    let watermark = this.#partitions.get(partition)
    if (watermark === undefined) this.#partitions.set(partition, (watermark = new PartitionWatermark(this.bounded, this.policy)))
    return watermark
  }

  /** The batch that comes is this partition's. */
  enter(partition: string, hasGap: boolean, silences: Silences): void {
    this.#current = this.open(partition)
    if (hasGap) this.#current.gap()
    this.#silences = silences
    this.#nextRow = 0
  }

  /** The batch has gone through, also those of its records that have not come here. */
  leave(): void {
    if (this.#silences !== undefined && this.#current !== undefined) this.#hearUpTo(this.#current, this.#silences.length)
    this.#silences = undefined
  }

  #hearUpTo(watermark: PartitionWatermark, row: number): void {
    const silences = this.#silences
    if (silences === undefined) return
    let silentMillis = 0
    for (; this.#nextRow < row; this.#nextRow++) silentMillis += silences[this.#nextRow] as number // as: row ≤ length
    if (silentMillis > 0) watermark.silence(silentMillis)
  }

  /** @param isWhole - the source has come to its end by itself */
  end(partition: string, isWhole: boolean): void {
    // Of bounded ones there may be very many.
    if (this.bounded) this.#partitions.delete(partition)
    else this.open(partition).end(isWhole)
  }

  /** Nothing more will come: every window may fire. What the partitions have come to stays, for the checkpoint. */
  endAll(): void {
    for (const watermark of this.#partitions.values()) if (watermark.millis !== Number.POSITIVE_INFINITY) watermark.gap()
    this.#sent = Number.POSITIVE_INFINITY
    this.advance(this.#sent)
  }

  /** Whether a window has everything of its time. Bounded input is vouched for by whoever gives it. */
  covers(startMillis: number, endMillis: number): boolean {
    if (this.bounded) return true
    for (const { coverage } of this.#partitions.values()) if (!coverage.covers(startMillis, endMillis)) return false
    return true
  }

  /** Sends the watermark on, if it has moved. */
  advanceFromPartitions(): void {
    let least = Number.POSITIVE_INFINITY
    for (const { millis } of this.#partitions.values()) {
      // One that holds it back is enough: there may be very many.
      if (millis <= this.#sent) return
      if (millis < least) least = millis
    }
    if (!(least > this.#sent)) return
    // By now every window has fired that the watermark before had passed.
    if (!this.bounded) for (const { coverage } of this.#partitions.values()) coverage.forget(this.#sent - this.windowMillis)
    this.#sent = least
    this.advance(least)
  }

  get watermarkMillis(): number {
    return this.#sent
  }

  protected process(elements: Elements): void {
    const { records, length } = elements
    const watermark = this.#current as PartitionWatermark // as: the run enters a partition before it reads a batch of it
    const values = valuesOf(elements)
    const times = new Float64Array(length)
    const born = new Float64Array(records.count)
    const { earliestMillis = Number.NEGATIVE_INFINITY, maxAheadMillis = Number.POSITIVE_INFINITY } = this.policy
    let kept: number[] | undefined
    let survivors = 0
    let row = -1
    let latest = Number.POSITIVE_INFINITY
    let greatest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < length; i++) {
      const next = rowOf(elements, i)
      if (next !== row) {
        if (greatest !== Number.NEGATIVE_INFINITY) watermark.afterRecord(greatest)
        row = next
        greatest = Number.NEGATIVE_INFINITY
        this.#hearUpTo(watermark, row + 1)
        born[row] = watermark.millis
        latest = records.receivedAt(row) + maxAheadMillis
      }
      const time = this.#timeOf(elements, i, values[i])
      if (time >= earliestMillis && time <= latest) {
        if (time > greatest) greatest = time
        times[survivors++] = time
        if (kept !== undefined) kept.push(i)
      } else {
        kept ??= upTo(i)
        if (time === time) this.reject(elements, i, this.#implausible(time, latest))
      }
    }
    if (greatest !== Number.NEGATIVE_INFINITY) watermark.afterRecord(greatest)
    const alive = kept === undefined ? elements : select(elements, kept)
    this.emit(withTimes(alive, kept === undefined ? times : times.slice(0, survivors), born))
  }

  /** NaN where there is none, and then the element is a dead letter already. */
  #timeOf(elements: Elements, index: number, value: unknown): number {
    try {
      const time = this.millis(value)
      if (Number.isFinite(time)) return time
      this.reject(elements, index, this.#failure('InvalidArgument', `the event time must be a finite number of Unix milliseconds, got ${String(time)}`))
    } catch (error) {
      this.reject(elements, index, failureOf(error))
    }
    return Number.NaN
  }

  #implausible(time: number, latest: number): Failure {
    const { earliestMillis = Number.NEGATIVE_INFINITY, maxAheadMillis } = this.policy
    if (time < earliestMillis) return this.#failure('OutOfRange', `the event time ${time} is before the earliest allowed, ${earliestMillis}`)
    const hint = time > latest * 100 ? ' (are these microseconds?)' : ''
    // Not when that was: two runs over the same input must make the same dead letters.
    return this.#failure('OutOfRange', `the event time ${time} is more than ${maxAheadMillis} ms ahead of when the record was received${hint}`)
  }

  #failure(code: Failure['code'], message: string): Failure {
    const { field } = this.policy
    return { _tag: 'EventTime', code, message, ...(field === undefined ? {} : { path: field }) }
  }
}

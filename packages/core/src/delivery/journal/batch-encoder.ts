import type { Position } from '../../envelope.js'
import { ConnectorError, type Failure } from '../../failure.js'
import type { Gap } from '../../gap.js'
import { receivedAtOf } from '../../packed.js'
import type { PackedRecords, SourceBatch, SourceRecord } from '../../source.js'
import { isFewNumbers, packDetails } from './record-details.js'
import { FIXED_BYTES, FRAME, GAP, MOST_NUMBERS, putFixed, putSegmentHead, seal, SEGMENT_BYTES, SILENCE, type SegmentHead } from './record-form.js'

const FRESH_BYTES = 64 * 1024
/** A larger buffer is not kept for the next batch. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024

/** A record but for its value. */
interface Frame {
  readonly position: Position
  readonly receivedAtMillis: number
  readonly silentMillis: number
  readonly failure: Failure | undefined
  /** True length of a value that was cut. */
  readonly cutFrom: number | undefined
}

const noAttributes = (position: Position): ConnectorError =>
  new ConnectorError({
    _tag: 'Journal',
    code: 'Unimplemented',
    message: `The record at ${JSON.stringify(position)} has attributes, which a journal does not keep: read this source without one.`,
  })

const wrongShape = (position: Position, start: number, end: number, length: number): ConnectorError =>
  new ConnectorError({
    _tag: 'Batch',
    code: 'Internal',
    message: `The record at ${JSON.stringify(position)} lies from byte ${start} to ${end} of a buffer of ${length}: its source is at fault.`,
  })

/** Records as they lie in a segment, with room for its beginning before them. The buffer is used again for the next batch. */
export class BatchEncoder {
  #buffer = Buffer.allocUnsafeSlow(FRESH_BYTES)
  #end = SEGMENT_BYTES
  /** Of the next record. */
  #number = 0
  #lastMillis = Number.NaN

  /** Starts anew. */
  begin(number: number, lastMillis: number): void {
    if (this.#buffer.length > MAX_KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FRESH_BYTES)
    this.#end = SEGMENT_BYTES
    this.#number = number
    this.#lastMillis = lastMillis
  }

  /** The records lie from `SEGMENT_BYTES` to `end`. */
  get buffer(): Buffer {
    return this.#buffer
  }

  get end(): number {
    return this.#end
  }

  get nextNumber(): number {
    return this.#number
  }

  /** When the last record was received, or the gap ended. */
  get lastMillis(): number {
    return this.#lastMillis
  }

  segmentHead(number: number, head: SegmentHead): void {
    putSegmentHead(this.#buffer, number, head)
  }

  gap({ fromMillis, toMillis, reason }: Gap): void {
    const text = Buffer.from(reason)
    const at = this.#room(FIXED_BYTES + text.length)
    text.copy(this.#buffer, putFixed(this.#buffer, at, GAP, 0, text.length, fromMillis, toMillis))
    this.#lastMillis = toMillis
    this.#seal(at)
  }

  /** It was heard that nothing came: that is not to hear something. */
  silence(silentMillis: number): void {
    const at = this.#room(FIXED_BYTES)
    putFixed(this.#buffer, at, SILENCE, 0, 0, this.#lastMillis, silentMillis)
    this.#seal(at)
  }

  records(records: SourceBatch<Uint8Array, unknown>['records']): void {
    if ('_tag' in records) this.#packed(records)
    else for (const record of records) this.#listed(record)
  }

  #listed({ value, position, receivedAtMillis, silentMillis = 0, failure, bytes, attributes }: SourceRecord<Uint8Array>): void {
    if (attributes !== undefined) throw noAttributes(position)
    const cutFrom = bytes === value.length ? undefined : bytes
    this.#frame({ position, receivedAtMillis, silentMillis, failure, cutFrom }, value, 0, value.length)
  }

  #packed(packed: PackedRecords): void {
    const { count, buffer, starts, ends, positions, silentMillis, failures, trueBytes } = packed
    for (let i = 0; i < count; i++) {
      const frame = {
        position: [positions[i] as number], // as: i < count, here and below
        receivedAtMillis: receivedAtOf(packed, i),
        silentMillis: silentMillis?.[i] ?? 0,
        failure: failures?.get(i),
        cutFrom: trueBytes?.get(i),
      }
      this.#frame(frame, buffer, starts[i] as number, ends[i] as number)
    }
  }

  #frame({ position, receivedAtMillis, silentMillis, failure, cutFrom }: Frame, source: Uint8Array, start: number, end: number): void {
    const numbers = isFewNumbers(position) ? position : []
    const plain = failure === undefined && cutFrom === undefined && numbers.length === position.length
    const details = plain ? undefined : this.#details(position, failure, cutFrom)
    const at = this.#room(FIXED_BYTES + MOST_NUMBERS * 8 + (details?.length ?? 0) + end - start)
    const buffer = this.#buffer
    let to = putFixed(buffer, at, FRAME, numbers.length, details?.length ?? 0, receivedAtMillis, silentMillis)
    for (let i = 0; i < numbers.length; i++) to = buffer.writeDoubleLE(numbers[i] as number, to) // as: i < length
    if (details !== undefined) buffer.set(details, to)
    to += details?.length ?? 0
    // Faster than a view of the value, which would be one object more a record. What is not copied would be memory of something else.
    const copied = Buffer.prototype.copy.call(source, buffer, to, start, end)
    if (copied !== end - start) throw wrongShape(position, start, end, source.length)
    this.#end = to + copied
    this.#lastMillis = receivedAtMillis
    this.#seal(at)
  }

  #details(position: Position, failure: Failure | undefined, bytes: number | undefined): Uint8Array | undefined {
    return packDetails({
      ...(!isFewNumbers(position) && { position }),
      ...(failure && { failure }),
      ...(bytes !== undefined && { bytes }),
    })
  }

  #seal(at: number): void {
    seal(this.#buffer, at, this.#end, this.#number++)
  }

  /** Where the next record goes; makes room for so many bytes. */
  #room(bytes: number): number {
    const at = this.#end
    this.#end = at + bytes
    if (this.#end > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#end))
      this.#buffer.copy(larger, 0, 0, at)
      this.#buffer = larger
    }
    return at
  }
}

import { isAscii, isUtf8 } from 'node:buffer'
import type { Failure } from '../../failure.js'
import type { PackedRecords } from '../../source.js'
import { rowOf, select, upTo, withValues, type Elements } from '../elements.js'
import { Operator, type OperatorHost } from '../operator.js'
import { PackedSourceRecords } from '../source-records.js'

const comma = 0x2c

/** Records of one joint parse: past a few hundred nothing is gained, and one bad record spoils it. */
const maxJointRecords = 256

const notUtf8: Failure = { _tag: 'InvalidUtf8', code: 'InvalidArgument', message: 'the bytes are not valid UTF-8' }
const notBytes: Failure = { _tag: 'NotBytes', code: 'InvalidArgument', message: 'parse takes bytes (Uint8Array), and the source gave something else' }

const syntaxFailure = (error: unknown): Failure => ({
  _tag: 'JsonSyntax',
  code: 'InvalidArgument',
  message: error instanceof Error ? error.message : String(error),
})

/** Bytes to JSON values. Neighbours that a source marked as joinable are parsed in one call. */
export class ParseOperator extends Operator {
  constructor(stage: string, host: OperatorHost) {
    super(stage, 'parse', host)
  }

  protected process(elements: Elements): void {
    const { records } = elements
    const out: unknown[] = []
    if (elements.values === undefined && records instanceof PackedSourceRecords) {
      this.#emitKept(elements, out, this.#parsePacked(elements, records.packed, out))
    } else {
      this.#emitKept(elements, out, this.#parseEach(elements, out))
    }
  }

  #emitKept(elements: Elements, out: readonly unknown[], kept: readonly number[] | undefined): void {
    this.emit(kept === undefined ? withValues(elements, out) : select(elements, kept, out))
  }

  #parseEach(elements: Elements, out: unknown[]): number[] | undefined {
    let kept: number[] | undefined
    for (let i = 0; i < elements.length; i++) {
      const value = elements.values === undefined ? elements.records.value(rowOf(elements, i)) : elements.values[i]
      const failure = value instanceof Uint8Array ? parseInto(Buffer.from(value.buffer, value.byteOffset, value.byteLength), out) : notBytes
      if (failure !== undefined) {
        kept ??= upTo(i)
        this.reject(elements, i, failure)
      } else if (kept !== undefined) kept.push(i)
    }
    return kept
  }

  #parsePacked(elements: Elements, packed: PackedRecords, out: unknown[]): number[] | undefined {
    const encoding = encodingOf(elements, packed)
    let kept: number[] | undefined
    let i = 0
    while (i < elements.length) {
      const end = jointEnd(elements, packed, i)
      if (end - i > 1 && encoding !== undefined && parseJoint(packed, rowOf(elements, i), end - i, encoding, out)) {
        if (kept !== undefined) for (let k = i; k < end; k++) kept.push(k)
        i = end
        continue
      }
      // One record, or neighbours of which some are bad: one by one.
      for (; i < end; i++) {
        const row = rowOf(elements, i)
        const start = packed.starts[row] as number // as: row < count
        const end = packed.ends[row] as number // as: row < count
        const failure = encoding !== undefined || isUtf8(packed.buffer.subarray(start, end)) ? parseText(packed.buffer.toString(encoding ?? 'utf8', start, end), out) : notUtf8
        if (failure === undefined) {
          if (kept !== undefined) kept.push(i)
          continue
        }
        kept ??= upTo(i)
        this.reject(elements, i, failure)
      }
    }
    return kept
  }
}

/** End of the elements from `from` on that may be parsed in one call. */
const jointEnd = (elements: Elements, { joinable }: PackedRecords, from: number): number => {
  if (joinable === undefined) return from + 1
  const limit = Math.min(elements.length, from + maxJointRecords)
  let end = from + 1
  while (end < limit && joinable[rowOf(elements, end - 1)] === 1 && joinable[rowOf(elements, end)] === 1 && rowOf(elements, end) === rowOf(elements, end - 1) + 1) end++
  return end
}

/**
 * Parses neighbours as one array. Each is one object without inner braces, so none can hold two values; if the count is
 * right, none was swallowed by a string of its neighbour, and every cut is where the source made it.
 */
const parseJoint = ({ buffer, starts, ends }: PackedRecords, first: number, count: number, encoding: Encoding, out: unknown[]): boolean => {
  const last = first + count - 1
  const start = starts[first] as number // as: first and last are records of the batch
  const end = ends[last] as number
  for (let row = first; row < last; row++) buffer[ends[row] as number] = comma // as: row < count
  try {
    const values = JSON.parse(`[${buffer.toString(encoding, start, end)}]`) as unknown[] // as: the text is an array's
    if (values.length !== count) return false
    for (let k = 0; k < count; k++) out.push(values[k])
    return true
  } catch {
    return false
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

type Encoding = 'latin1' | 'utf8'

/**
 * One check for the batch: as what all its records may be read, if all are valid. ASCII is the same as Latin-1, which is
 * read faster.
 */
const encodingOf = (elements: Elements, packed: PackedRecords): Encoding | undefined => {
  if (elements.length === 0) return 'utf8'
  const bytes = packed.buffer.subarray(packed.starts[rowOf(elements, 0)], packed.ends[rowOf(elements, elements.length - 1)])
  if (isAscii(bytes)) return 'latin1'
  return isUtf8(bytes) && !isCutInside(elements, packed) ? 'utf8' : undefined
}

/** Whether a character lies across the beginning or end of a record. */
const isCutInside = (elements: Elements, { buffer, starts, ends }: PackedRecords): boolean => {
  for (let i = 0; i < elements.length; i++) {
    const row = rowOf(elements, i)
    if (isContinuation(buffer[starts[row] as number]) || isContinuation(buffer[ends[row] as number])) return true // as: row < count
  }
  return false
}

/** Pushes the value, or answers why it cannot. */
const parseInto = (bytes: Buffer, out: unknown[]): Failure | undefined => (isUtf8(bytes) ? parseText(bytes.toString('utf8'), out) : notUtf8)

const parseText = (text: string, out: unknown[]): Failure | undefined => {
  try {
    out.push(JSON.parse(text))
    return undefined
  } catch (error) {
    return syntaxFailure(error)
  }
}

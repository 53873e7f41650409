import type { Position } from '../envelope.js'
import { partsJson, stableId, stableIdOfJson } from '../pipeline/stable-id.js'

/** All numbers of digits are of hexadecimal ones. */
const sharedDigits = 16
const hashDigits = 16
/** 2^53. */
const offsetDigits = 14
/** A list has less than 2^32 elements. */
const indexDigits = 8
/** Deeper paths take more digits than their hash. */
const maxPlainPath = 2
/** Comes after all hexadecimal digits, so no path in digits equals a hash. */
const hashMark = 'x'

const digits = Buffer.from('0123456789abcdef')

const isOffset = (part: number | string | undefined): part is number => typeof part === 'number' && Number.isSafeInteger(part) && part >= 0

const isIndex = (part: number): boolean => part >>> 0 === part

const putHex = (text: Uint8Array, from: number, length: number, value: number): void => {
  for (let at = from + length - 1, rest = value; at >= from; at--) {
    text[at] = digits[rest & 15] as number // as: 16 digits
    rest >>>= 4
  }
}

/**
 * The ids of the dead letters of one stage: from pipeline, stage, origin and path alone, so the same after a crash, another batching, another version.
 * A hash of what the records of one partition share comes first, then the position in order, then the path: ids that are made one
 * after the other are neighbours. A pure hash would land anywhere in the primary key's index, which a database then keeps in memory
 * and writes again as a whole: twice the time for a row, and memory that grows with the table.
 *
 * Position and path are digits where they are an offset and at most two indexes, as nearly always: a hash for each letter was
 * the dearest part of it. All others end with a hash of both, which is marked as one.
 */
export class DeadLetterIds {
  #source: string | undefined
  #partition: string | undefined
  #shared = ''
  /** The id as ASCII, begun with what is shared: one flat string comes of it, not a tree of parts. */
  readonly #text = Buffer.alloc(sharedDigits + offsetDigits + maxPlainPath * indexDigits)

  constructor(
    readonly pipeline: string,
    readonly stage: string,
  ) {}

  of(source: string, partition: string, position: Position, path: readonly number[]): string {
    if (source !== this.#source || partition !== this.#partition) this.#share(source, partition)
    const [first] = position
    if (position.length !== 1 || !isOffset(first) || path.length > maxPlainPath || !path.every(isIndex)) return this.#hashed(position, path)
    this.#putOffset(first)
    let end = sharedDigits + offsetDigits
    for (const index of path) {
      putHex(this.#text, end, indexDigits, index)
      end += indexDigits
    }
    return this.#text.toString('latin1', 0, end)
  }

  #share(source: string, partition: string): void {
    this.#source = source
    this.#partition = partition
    this.#shared = stableId([this.pipeline, this.stage, source, partition]).slice(0, sharedDigits)
    this.#text.write(this.#shared, 'latin1')
  }

  #putOffset(offset: number): void {
    putHex(this.#text, sharedDigits, offsetDigits - 8, Math.floor(offset / 2 ** 32))
    putHex(this.#text, sharedDigits + offsetDigits - 8, 8, offset)
  }

  #hashed(position: Position, path: readonly number[]): string {
    const [first] = position
    this.#putOffset(isOffset(first) ? first : 0)
    const own = stableIdOfJson(`[${partsJson(position)},${partsJson(path)}]`).slice(0, hashDigits)
    return `${this.#text.toString('latin1', 0, sharedDigits + offsetDigits)}${hashMark}${own}`
  }
}

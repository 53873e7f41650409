import type { Origin } from '../envelope.js'
import { stableId, stableIdOfJson } from '../pipeline/stable-id.js'

const isOffset = (part: number | string | undefined): part is number => typeof part === 'number' && Number.isSafeInteger(part) && part >= 0

/** 2^53 in hexadecimal. */
const offsetDigits = 14

/**
 * The ids of the dead letters of one stage: from pipeline, stage, origin and path alone, so the same after a crash, another batching, another version.
 * A hash of what the records of one partition share comes first, then the position in order, then a hash of position and path: ids
 * that are made one after the other are neighbours. A pure hash would land anywhere in the primary key's index, which a database then
 * keeps in memory and writes again as a whole: twice the time for a row, and memory that grows with the table.
 */
export class DeadLetterIds {
  #source: string | undefined
  #partition: string | undefined
  #shared = ''

  constructor(
    readonly pipeline: string,
    readonly stage: string,
  ) {}

  /** @param positionJson - the origin's position, as `partsJson` writes it; `pathJson` likewise */
  of({ source, partition, position: [first] }: Origin, positionJson: string, pathJson: string): string {
    if (source !== this.#source || partition !== this.#partition) {
      this.#source = source
      this.#partition = partition
      this.#shared = stableId([this.pipeline, this.stage, source, partition]).slice(0, 16)
    }
    const own = stableIdOfJson(`[${positionJson},${pathJson}]`).slice(0, 16)
    return `${this.#shared}${(isOffset(first) ? first : 0).toString(16).padStart(offsetDigits, '0')}${own}`
  }
}

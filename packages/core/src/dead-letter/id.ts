import type { Origin } from '../envelope.js'
import { stableId } from '../pipeline/stable-id.js'

const isOffset = (part: number | string | undefined): part is number => typeof part === 'number' && Number.isSafeInteger(part) && part >= 0

/** 2^53 in hexadecimal. */
const offsetDigits = 14

/**
 * The id of a dead letter: from pipeline, stage, origin and path alone, so the same after a crash, another batching, another version.
 * A hash of what the records of one partition share comes first, then the position in order, then a hash of position and path: ids
 * that are made one after the other are neighbours. A pure hash would land anywhere in the primary key's index, which a database then
 * keeps in memory and writes again as a whole: twice the time for a row, and memory that grows with the table.
 */
export const deadLetterId = (pipeline: string, stage: string, { source, partition, position }: Origin, path: readonly number[]): string => {
  const first = isOffset(position[0]) ? position[0] : 0
  const own = stableId([position, path]).slice(0, 16)
  return `${stableId([pipeline, stage, source, partition]).slice(0, 16)}${first.toString(16).padStart(offsetDigits, '0')}${own}`
}

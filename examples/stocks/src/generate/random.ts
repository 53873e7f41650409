import { seededRandom as ofNumber } from '@millrace/core/testing'

/** Draws the next number, evenly from [0, 1). */
export type Random = () => number

/** Spreads a text over 32 bits (FNV-1a), so that each file of a seed has draws of its own. */
const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return state >>> 0
}

/** A random sequence that is the same for the same seed and name, on every machine. */
export const seededRandom = (seed: number, name: string): Random => ofNumber(hash(`${seed}/${name}`))

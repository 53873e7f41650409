/** Draws the next number, evenly from [0, 1). */
export type Random = () => number

/** Spreads a text over 32 bits (FNV-1a), so that each file of a seed has draws of its own. */
const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return state >>> 0
}

/** A random sequence that is the same for the same seed and name, on every machine (mulberry32). */
export const seededRandom = (seed: number, name: string): Random => {
  let state = hash(`${seed}/${name}`)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

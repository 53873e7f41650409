/** A power of two. */
const slots = 1_024

/** Longer texts are seldom the same. */
export const maxCachedBytes = 128

/**
 * Texts seen lately, by their bytes. State says the same keys and origins a million times: what is here costs a comparison
 * instead of a new string, and is held in memory once.
 */
export class TextCache {
  readonly #texts: (string | undefined)[] = new Array<string | undefined>(slots)

  /** The text of these bytes if they are ASCII, at most `maxCachedBytes`; otherwise undefined. */
  ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
    let hash = end - start
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number // as: i is below the end
      if (byte >= 0x80) return undefined
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    const slot = (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (slots - 1)
    const known = this.#texts[slot]
    if (known !== undefined && isText(known, bytes, start, end)) return known
    return (this.#texts[slot] = String.fromCharCode(...bytes.subarray(start, end)))
  }
}

const isText = (text: string, bytes: Uint8Array, start: number, end: number): boolean => {
  if (text.length !== end - start) return false
  for (let i = start; i < end; i++) if (text.charCodeAt(i - start) !== bytes[i]) return false
  return true
}

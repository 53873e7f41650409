import { BACKSLASH, CLOSE_CURLY, CLOSE_SQUARE, COMMA, OPEN_CURLY, OPEN_SQUARE, QUOTE } from './bytes.js'

const NOT_FLAT = 2
const SIGN = -0x80000000
/** Brackets count up and down in steps of 4, beside the bit for what this shortcut does not handle. */
const MEANING = new Int8Array(256)
MEANING[OPEN_SQUARE] = 4
MEANING[CLOSE_SQUARE] = -4
MEANING[BACKSLASH] = NOT_FLAT
MEANING[OPEN_CURLY] = NOT_FLAT

/**
 * The shortcut for most elements of real arrays: an object without inner braces and backslashes, and a comma at once behind
 * it. Where it answers, the lexer would answer the same; its loop hardly branches, which costs two thirds of the lexer's.
 * @param from - index of the `{`
 * @returns the index of the comma, or -1 where the lexer has to look
 */
export const endOfFlatObject = (bytes: Buffer, from: number): number => {
  const end = bytes.length
  // Imported bindings are looked up again for every byte; these are not.
  const quote = QUOTE
  const close = CLOSE_CURLY
  const meanings = MEANING
  // All ones outside of strings, 0 inside.
  let outside = -1
  let brackets = 0
  let seen = 0
  let i = from + 1
  for (; i < end; i++) {
    const byte = bytes[i] as number // In range by the loop.
    if (byte === close) break
    if (byte === quote) {
      outside = ~outside
      continue
    }
    const meaning = meanings[byte] as number // A byte is below 256.
    brackets += meaning & -4 & outside
    seen |= (meaning & NOT_FLAT) | brackets
  }
  // The sign bit of `seen` shows that brackets were closed before they were opened.
  const flat = outside === -1 && brackets === 0 && (seen & (SIGN | NOT_FLAT)) === 0
  return flat && bytes[i + 1] === COMMA ? i + 1 : -1
}

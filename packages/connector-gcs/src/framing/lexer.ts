import { BACKSLASH, CLOSE_CURLY, CLOSE_SQUARE, COMMA, OPEN_CURLY, OPEN_SQUARE, QUOTE, isBlank } from './bytes.js'

/** 1 for the bytes that mean something outside of strings. */
const STRUCTURAL = new Uint8Array(256)
for (const byte of [QUOTE, COMMA, OPEN_CURLY, CLOSE_CURLY, OPEN_SQUARE, CLOSE_SQUARE]) STRUCTURAL[byte] = 1

/**
 * Finds where an element of an array ends, over any number of chunks. It does not judge the element: it only tells what is
 * in a string and what is nested. Braces and brackets are counted apart and a closer without an opener counts for nothing,
 * so that a stray one spoils its own element only.
 * @internal
 */
export class Lexer {
  private curly = 0
  private square = 0
  private inString = false
  private escaped = false

  reset(): void {
    this.curly = 0
    this.square = 0
    this.inString = false
    this.escaped = false
  }

  /** Whether everything that was opened is closed. */
  get closed(): boolean {
    return this.curly === 0 && this.square === 0 && !this.inString
  }

  /**
   * Goes on from index `from`.
   * @returns the index of the comma or bracket after the element, or the length where it goes on in the next chunk
   */
  scan(bytes: Buffer, from: number): number {
    const end = bytes.length
    if (from >= end) return end
    let i = this.inString ? this.string(bytes, from) : from
    if (this.inString) return end
    let curly = this.curly
    let square = this.square
    // Imported bindings are looked up again for every byte; these are not.
    const quote = QUOTE
    const backslash = BACKSLASH
    const structural = STRUCTURAL
    for (; i < end; i++) {
      // In range by the loop, here and below.
      let byte = bytes[i] as number
      if (structural[byte] === 0) continue
      if (byte === quote) {
        // The whole string at once, inline: most bytes of JSON are in strings, and a call for each costs a third of all time.
        for (i++; i < end; i++) {
          byte = bytes[i] as number
          if (byte === quote) break
          if (byte === backslash) i++
        }
        if (i >= end) {
          this.inString = true
          this.escaped = i > end
        }
      } else if (byte === COMMA) {
        if (curly === 0 && square === 0) return i
      } else if (byte === OPEN_CURLY) curly++
      else if (byte === OPEN_SQUARE) square++
      else if (byte === CLOSE_CURLY) {
        if (curly > 0) curly--
      } else if (square > 0) square--
      else if (curly === 0) return i
    }
    this.curly = curly
    this.square = square
    return end
  }

  /** Goes on inside a string. Returns the index after it, or the length. */
  private string(bytes: Buffer, from: number): number {
    let i = from
    if (this.escaped && i < bytes.length) {
      this.escaped = false
      i++
    }
    for (; i < bytes.length; i++) {
      if (bytes[i] === QUOTE) {
        this.inString = false
        return i + 1
      }
      if (bytes[i] === BACKSLASH) i++
    }
    this.escaped = i > bytes.length
    return bytes.length
  }
}

/**
 * Whether a text without a delimiter after it can be taken as whole: all is closed, and it does not end within a number or
 * a word.
 * @internal
 */
export const isWhole = (lexer: Lexer, last: number, endsBlank: boolean): boolean =>
  lexer.closed && (endsBlank || isBlank(last) || last === QUOTE || last === CLOSE_CURLY || last === CLOSE_SQUARE)

/**
 * Whether each closer in `text` closes what was opened last. The lexer does not ask, but at the end of a file it makes the
 * difference between an element that is whole and one that has swallowed the end of the array.
 * @internal
 */
export const nestsWell = (text: Buffer): boolean => {
  const open = Buffer.alloc(text.length)
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]
    if (byte === QUOTE) {
      for (i++; i < text.length && text[i] !== QUOTE; i++) if (text[i] === BACKSLASH) i++
    } else if (byte === OPEN_CURLY) open[depth++] = CLOSE_CURLY
    else if (byte === OPEN_SQUARE) open[depth++] = CLOSE_SQUARE
    else if ((byte === CLOSE_CURLY || byte === CLOSE_SQUARE) && open[--depth] !== byte) return false
  }
  return depth === 0
}

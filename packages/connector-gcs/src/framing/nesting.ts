import { BACKSLASH, CLOSE_CURLY, CLOSE_SQUARE, COLON, OPEN_CURLY, OPEN_SQUARE, QUOTE, isBlank } from './bytes.js'

/** Deeper than this the kind of what is open is not remembered: it only helps to guess. */
const REMEMBERED_DEPTH = 64

/** What is open at the end of a first line, byte by byte: one line a file, so that clarity comes before speed. @internal */
export class Nesting {
  inString = false
  private escaped = false
  private depth = 0
  private readonly kinds: number[] = []
  private lastToken = 0

  /** Whether nothing is open. */
  get balanced(): boolean {
    return this.depth <= 0
  }

  /** Whether a `{` here could never be valid JSON: behind a member of an object, before anything but its value. */
  get refusesObject(): boolean {
    return this.kinds[this.depth - 1] === OPEN_CURLY && this.lastToken !== COLON
  }

  add(byte: number): void {
    if (this.inString) return this.addToString(byte)
    if (isBlank(byte)) return
    this.lastToken = byte
    if (byte === QUOTE) this.inString = true
    else if (byte === OPEN_CURLY || byte === OPEN_SQUARE) {
      if (this.depth >= 0 && this.depth < REMEMBERED_DEPTH) this.kinds[this.depth] = byte
      this.depth++
    } else if (byte === CLOSE_CURLY || byte === CLOSE_SQUARE) this.depth--
  }

  private addToString(byte: number): void {
    if (this.escaped) this.escaped = false
    else if (byte === BACKSLASH) this.escaped = true
    else if (byte === QUOTE) this.inString = false
  }
}

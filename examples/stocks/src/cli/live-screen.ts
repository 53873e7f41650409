import type { Terminal } from './output.js'

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const ERASE_LINE_END = '\x1b[K'
const ERASE_BELOW = '\x1b[J'

/**
 * Some lines of a terminal that are redrawn in place. Each frame is one write that overwrites and never erases first: nothing
 * flickers. The cursor is hidden meanwhile and comes back with `clear`, and whichever way the process exits.
 */
export class LiveScreen {
  readonly #terminal: Terminal
  readonly #showCursor = (): void => this.#terminal.write(SHOW_CURSOR)
  #drawn = 0
  #isOn = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Cells that a line may have: the last column stays free, lest the terminal wraps. */
  get width(): number {
    return Math.max(1, this.#terminal.columns - 1)
  }

  draw(lines: readonly string[]): void {
    this.#begin()
    // What has scrolled out of the terminal cannot be overwritten.
    const shown = lines.slice(0, Math.max(1, this.#terminal.rows - 1))
    const text = shown.map((line) => `${line}${ERASE_LINE_END}\n`).join('')
    this.#terminal.write(this.#home() + text + ERASE_BELOW)
    this.#drawn = shown.length
  }

  /** Removes the lines: what is said next stands in their place. */
  clear(): void {
    if (!this.#isOn) return
    this.#terminal.write(this.#home() + ERASE_BELOW + SHOW_CURSOR)
    process.off('exit', this.#showCursor)
    this.#drawn = 0
    this.#isOn = false
  }

  #begin(): void {
    if (this.#isOn) return
    this.#isOn = true
    this.#terminal.write(HIDE_CURSOR)
    process.on('exit', this.#showCursor)
  }

  #home(): string {
    return this.#drawn === 0 ? '' : `\r\x1b[${this.#drawn}A`
  }
}

import { flatJson } from './flat-json.js'
import { type Opened, type OpenNode, open, openPart } from './json-open.js'
import { cutUtf8, quoted } from './json-text.js'

/** Ends a text that was cut, which is for reading and no longer JSON. */
const ELLIPSIS = '…'
const ELLIPSIS_BYTES = 3

/**
 * Renders any value as JSON in at most `maxBytes` bytes of UTF-8, and never throws: for what a person will read in a
 * dead letter, whatever the value turns out to be.
 *
 * As `JSON.stringify`, but for:
 * - depth: any (it is a loop, not a recursion); a cycle is the string `[circular]`;
 * - `NaN`, infinities, BigInt: as strings (`"NaN"`, `"Infinity"`, `"12n"`); functions and symbols: as `"[function f]"`
 *   and `"Symbol(x)"`; `undefined` is left out of objects and is `null` in arrays and alone;
 * - bytes (`Uint8Array`, `Buffer`, `ArrayBuffer`, `DataView`): a base64 string; other typed arrays, sets, maps: arrays;
 * - errors: name and message, then their own fields; what cannot be read (a getter, `toJSON` or proxy that throws):
 *   `"[unreadable: why]"`;
 * - lone surrogates: escaped, so that the result is well-formed.
 *
 * A text that was cut ends with `…`. What lies beyond the cut is not visited, except that all keys of an object are
 * listed before its first is written.
 *
 * @param maxBytes - whole, at least 3; dead letters use 64 KiB
 * @public
 */
export const safeJson = (value: unknown, maxBytes: number): string => flatJson(value, maxBytes) ?? writtenJson(value, maxBytes)

const writtenJson = (value: unknown, maxBytes: number): string => {
  const writer = new Writer(maxBytes)
  writer.write(value)
  return writer.result()
}

class Writer {
  readonly #maxBytes: number
  readonly #open: OpenNode[] = []
  readonly #ancestors = new Set<object>()
  readonly #pieces: string[] = []
  #bytes = 0
  /** Parts that are left out take no bytes and yet work: an object of a million of them is cut too. */
  #leftOut = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  write(root: unknown): void {
    this.#value(open(root, this.#room()) ?? 'null')
    for (let node = this.#open.at(-1); node !== undefined && !this.#full(); node = this.#open.at(-1)) {
      if (node.next < node.length) this.#part(node, node.next++)
      else this.#close(node)
    }
  }

  result(): string {
    const text = this.#pieces.join('')
    if (!this.#full()) return text
    return cutUtf8(text, this.#maxBytes - ELLIPSIS_BYTES) + (this.#maxBytes < ELLIPSIS_BYTES ? '' : ELLIPSIS)
  }

  #part(node: OpenNode, index: number): void {
    const key = node.keys === undefined ? undefined : (node.keys[index] ?? '')
    const opened = openPart(node.parts, key ?? index, this.#room())
    if (opened === undefined && key !== undefined) this.#leftOut++
    else {
      if (node.written++ > 0) this.#put(',')
      if (key !== undefined) this.#put(`${quoted(key, this.#room())}:`)
      this.#value(opened ?? 'null')
    }
  }

  #value(opened: Exclude<Opened, undefined>): void {
    if (typeof opened === 'string') this.#put(opened)
    else if (this.#ancestors.has(opened.identity)) this.#put('"[circular]"')
    else {
      this.#put(opened.keys === undefined ? '[' : '{')
      this.#ancestors.add(opened.identity)
      this.#open.push(opened)
    }
  }

  #close(node: OpenNode): void {
    this.#put(node.keys === undefined ? ']' : '}')
    this.#ancestors.delete(node.identity)
    this.#open.pop()
  }

  #put(piece: string): void {
    this.#pieces.push(piece)
    this.#bytes += Buffer.byteLength(piece)
  }

  #full(): boolean {
    return this.#bytes > this.#maxBytes || this.#leftOut > this.#maxBytes
  }

  #room(): number {
    return Math.max(0, this.#maxBytes - this.#bytes)
  }
}

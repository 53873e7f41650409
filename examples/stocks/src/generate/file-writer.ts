import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'

/** How elements are put into a file. */
export interface Layout {
  readonly extension: string
  readonly gzip: boolean
  readonly start: string
  readonly between: string
  readonly end: string
}

const lines = { start: '', between: '\n', end: '\n' }
const array = { start: '[\n', between: ',\n', end: '\n]\n' }

/** Every layout that a folder may hold; a `.json` file is known by its content. */
export const LAYOUTS: readonly Layout[] = [
  { extension: '.ndjson', gzip: false, ...lines },
  { extension: '.json', gzip: false, ...array },
  { extension: '.ndjson.gz', gzip: true, ...lines },
  { extension: '.json.gz', gzip: true, ...array },
  { extension: '.jsonl', gzip: false, start: '\xef\xbb\xbf', between: '\r\n', end: '\r\n\r\n' },
  { extension: '.json', gzip: false, ...lines, between: '\n\n' },
]

const FLUSH_CHARACTERS = 1 << 18

/** Writes one file, element by element. Texts are Latin-1: one character is one byte. */
export class FileWriter {
  readonly path: string
  readonly #layout: Layout
  readonly #fd: number
  readonly #packing: Buffer[] = []
  #text: string
  #isFirst = true
  unpackedBytes = 0
  packedBytes = 0

  constructor(path: string, layout: Layout) {
    mkdirSync(dirname(path), { recursive: true })
    this.path = path
    this.#layout = layout
    this.#fd = openSync(path, 'w')
    this.#text = layout.start
  }

  add(element: string): void {
    this.#text += this.#isFirst ? element : this.#layout.between + element
    this.#isFirst = false
    if (this.#text.length >= FLUSH_CHARACTERS) this.#flush()
  }

  close(): void {
    this.#text += this.#layout.end
    this.#flush()
    if (this.#layout.gzip) this.#write(gzipSync(Buffer.concat(this.#packing), { level: 1 }))
    closeSync(this.#fd)
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text, 'latin1')
    this.#text = ''
    this.unpackedBytes += bytes.length
    if (this.#layout.gzip) this.#packing.push(bytes)
    else this.#write(bytes)
  }

  #write(bytes: Buffer): void {
    this.packedBytes += bytes.length
    let written = 0
    while (written < bytes.length) written += writeSync(this.#fd, bytes, written)
  }
}

import { gunzipSync, gzipSync, constants } from 'node:zlib'
import type { StoppedBy } from './bad-trades.js'

/** A file that is broken as a whole, between good trades that are not. */
export interface BrokenFile {
  readonly kind: string
  readonly name: string
  readonly bad: number
  readonly stoppedBy: StoppedBy | 'read'
  /** The bytes, around the good trades given, and how many of those can still be read. */
  readonly make: (trades: readonly string[]) => { readonly bytes: Buffer; readonly readable: number }
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')
const NESTING = 10_000

const brokenLine = (kind: string, name: string, line: string): BrokenFile =>
  ({ kind, name: `${name}.ndjson`, bad: 1, stoppedBy: 'parse', make: (trades) => {
    const middle = trades.length >> 1
    const lines = [...trades.slice(0, middle), line, ...trades.slice(middle)]
    return { bytes: bytesOf(`${lines.join('\n')}\n`), readable: trades.length }
  } })

const brokenArray = (kind: string, name: string, end: string): BrokenFile =>
  ({ kind, name: `${name}.json`, bad: 1, stoppedBy: 'parse', make: (trades) =>
    ({ bytes: bytesOf(`[\n${trades.join(',\n')}${end}`), readable: trades.length }) })

/** Cuts a gzipped file: the lines that are whole before the cut can be read, the rest is gone. */
const cutGzip = (trades: readonly string[]): { readonly bytes: Buffer; readonly readable: number } => {
  const whole = gzipSync(bytesOf(`${trades.join('\n')}\n`))
  const bytes = whole.subarray(0, Math.floor(whole.length * 0.6))
  const before = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1')
  return { bytes, readable: before.split('\n').length - 1 }
}

/** One file for each way in which bad text takes its surroundings with it. */
export const BROKEN_FILES: readonly BrokenFile[] = [
  brokenLine('truncated line', 'truncated-line', '{"c":["1"],"p":22'),
  brokenLine('unterminated string', 'unterminated-string', '{"p":10.5,"s":"AAP'),
  brokenLine('10,000 nested arrays', 'nested-arrays', '['.repeat(NESTING) + ']'.repeat(NESTING)),
  brokenLine('10,000 arrays never closed', 'open-arrays', '['.repeat(NESTING)),
  brokenLine('binary line', 'binary-line', '\x89PNG\x1a\x93\xfe\xff\x01\x02"{[,'),
  brokenArray('trailing comma', 'trailing-comma', ',\n]\n'),
  brokenArray('array never closed', 'no-bracket', '\n'),
  brokenArray('text after the array', 'text-after', '\n] and that is all\n'),
  brokenArray('array torn in a string', 'torn-array', ',\n{"p":10.5,"s":"AAP'),
  { kind: 'truncated gzip', name: 'truncated.ndjson.gz', bad: 1, stoppedBy: 'read', make: cutGzip },
  { kind: 'binary file', name: 'picture.json', bad: 1, stoppedBy: 'read', make: () =>
    ({ bytes: bytesOf(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR${'\x00\x01\xfe'.repeat(200)}`), readable: 0 }) },
]

/** Files that hold no trade and nothing bad. */
export const EMPTY_FILES: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'empty.ndjson', text: '' },
  { name: 'empty-array.json', text: '[]\n' },
  { name: 'blank-lines.jsonl', text: '\n\r\n\n' },
]

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BAD_ELEMENTS, ODD_TRADES, T, type BadElement } from './support/odd-input.js'
import { lastJson, runCli } from './support/run-cli.js'

const test = suite('odd input in files')

interface Letter {
  readonly file: string
  readonly stage: string
  readonly stage_kind: string
  readonly error_path: string | null
  readonly error_message: string
  readonly payload_text: string | null
  readonly payload_base64: string | null
}

let made = 0
/** A good trade. Its extra field makes each one different: two files of equal content would be refused as copies. */
const good = (): string => `{"s":"GOOD","p":10.5,"v":1,"t":${T},"c":["1"],"n":${++made}}`
const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const root = mkdtempSync(join(tmpdir(), 'millrace-odd-'))
const folder = join(root, 'files')
const db = join(root, 'odd.duckdb')
mkdirSync(folder)

let goodTrades = 0
/** Writes a file of Latin-1 text (or bytes) that holds so many good trades. */
const put = (name: string, content: string | Buffer, goodInIt: number): void => {
  goodTrades += goodInIt
  writeFileSync(join(folder, name), typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
}

const linesFile = (bad: BadElement, index: number): string => `bad-${index}.ndjson`
const arrayFile = (bad: BadElement, index: number): string => `bad-${index}.json`

BAD_ELEMENTS.forEach((bad, i) => {
  put(linesFile(bad, i), `${good()}\n${bad.text}\n${good()}\n`, 2)
  if (bad.linesOnly !== true) put(arrayFile(bad, i), `[${good()},\n${bad.text},${good()}]`, 2)
})
ODD_TRADES.forEach(({ text }, i) => {
  put(`odd-${i}.ndjson`, latin1(`${good()}\n${text}\n`), 1)
  put(`odd-${i}.json`, latin1(`[${text},${good()}]\n`), 1)
})

/** Whole files that are fine as they are, and the good trades in them. */
const whole: Record<string, readonly [content: string | Buffer, good: number]> = {
  'bom.ndjson': [`\xef\xbb\xbf${good()}\n${good()}\n`, 2],
  'bom.json': [`\xef\xbb\xbf[${good()}]`, 1],
  'bom-gz.json': [gzipSync(`\ufeff[${good()}]`), 1],
  'crlf.ndjson': [`${good()}\r\n\r\n${good()}\r\n`, 2],
  'crlf.json': [`[\r\n${good()},\r\n${good()}\r\n]\r\n`, 2],
  'blank.jsonl': [`\n\n  \n${good()}\n\t\n`, 1],
  'no-newline.jsonl': [good(), 1],
  'one.json': [good(), 1],
  'pretty.json': [JSON.stringify(JSON.parse(good()), undefined, 2), 1],
  'pretty-array.json': [JSON.stringify([JSON.parse(good()), JSON.parse(good())], undefined, 2), 2],
  'lines.json': [`${good()}\n${good()}\n`, 2],
  'empty.json': ['', 0], 'empty.ndjson': ['', 0], 'empty-array.json': ['[]', 0], 'spaced-empty-array.json': [' [ \n ] \n', 0], 'only-bom.json': ['\xef\xbb\xbf', 0],
  'empty-gz.ndjson.gz': [gzipSync(''), 0],
  'gz-by-bytes.ndjson': [gzipSync(`${good()}\n`), 1],
  'not-gz-by-name.json.gz': [`[${good()}]`, 1],
  'members.ndjson.gz': [Buffer.concat([gzipSync(`${good()}\n`), gzipSync(`${good()}\n`)]), 2],
}
for (const [name, [content, goodInIt]] of Object.entries(whole)) put(name, content, goodInIt)

const cutGzip = ((): { readonly bytes: Buffer; readonly good: number } => {
  // Different volumes, so that the text does not pack into one block that says nothing before its end.
  const lines = Array.from({ length: 5_000 }, (_, i) => good().replace('"v":1', `"v":${1 + ((i * 7_919) % 10_007) / 10_007}`))
  const bytes = gzipSync(`${lines.join('\n')}\n`)
  const cut = bytes.subarray(0, bytes.length >> 1)
  return { bytes: cut, good: gunzipSync(cut, { finishFlush: 2 }).toString().split('\n').length - 1 }
})()

/** Whole files of which exactly one dead letter is made, and the good trades in them that must be delivered all the same. */
const broken: Record<string, readonly [content: string | Buffer, good: number]> = {
  'trailing-comma.json': [`[${good()},${good()},]`, 2],
  'no-bracket.json': [`[${good()},${good()}`, 2],
  'no-bracket-comma.json': [`[${good()},${good()},`, 2],
  'text-after.json': [`[${good()}] tail`, 1],
  'second-array.json': [`[${good()}]\n[${good()}]`, 1],
  'torn-element.json': [`[${good()},{"s":"AA`, 1],
  'torn-string.json': [`[${good()},"AA,${good()}]`, 1],
  'double-comma.json': [`[${good()},,${good()}]`, 2],
  'nesting.json': [`[${good()},${'['.repeat(10_000)}`, 1],
  'cut.ndjson.gz': [cutGzip.bytes, cutGzip.good],
  'picture.json': [`\x89PNG\r\n\x1a\n\0\0\0\rIHDR${'\0\x01\xfe'.repeat(999)}`, 0],
  'picture.ndjson': [`\x89PNG\r\n\x1a\n\0\0\0\rIHDR\n${'\0\x01\xfe\n'.repeat(999)}`, 0],
  'text.json': ['hello world', 0],
  'document-cut.json': [`{"s":"AAPL","p":1,`, 0],
}
for (const [name, [content, goodInIt]] of Object.entries(broken)) put(name, content, goodInIt)

const letters = new Map<string, Letter[]>()
let run: any // any: read from JSON, checked below
let stderr = ''

test.before(async () => {
  put('notes.txt', 'not data', 0)
  const ended = await runCli(['backfill', folder, '--db', db, '--json'], root)
  assert.is(ended.code, 0, ended.stderr)
  run = lastJson(ended)
  stderr = ended.stderr
  const rows = (await queryDuckdb(db, `SELECT source_partition AS file, stage, stage_kind, error_path, error_message, payload_text, payload_base64
    FROM dead_letters ORDER BY source_partition, source_position`, [])) as unknown as readonly Letter[] // as: the columns just named
  for (const row of rows) letters.set(basename(row.file), [...(letters.get(basename(row.file)) ?? []), row])
})
test.after(() => rmSync(root, { recursive: true, force: true }))

const checkLetter = (file: string, bad: BadElement): void => {
  const found = letters.get(file) ?? []
  assert.is(found.length, 1, `${bad.name} in ${file}: ${found.length} dead letters`)
  const [letter] = found
  if (letter === undefined) throw new Error('Counted above.')
  assert.is(letter.stage, bad.stage, `${bad.name}: ${letter.error_message}`)
  if (bad.path !== undefined) assert.is(letter.error_path, bad.path, bad.name)
  assert.ok(letter.error_message.length > 5 && letter.error_message.length < 500, letter.error_message)
  const original = letter.payload_base64 === null ? Buffer.from(letter.payload_text ?? '', 'utf8') : Buffer.from(letter.payload_base64, 'base64')
  assert.is(original.toString('latin1'), bad.text, bad.name)
}

BAD_ELEMENTS.forEach((bad, i) => {
  test(`a line: ${bad.name}`, () => checkLetter(linesFile(bad, i), bad))
  if (bad.linesOnly !== true) test(`in an array: ${bad.name}`, () => checkLetter(arrayFile(bad, i), bad))
})

for (const name of Object.keys(whole)) test(`no dead letter: ${name}`, () => assert.equal(letters.get(name) ?? [], []))
for (const name of Object.keys(broken)) {
  test(`one dead letter: ${name}`, () => {
    assert.is((letters.get(name) ?? []).length, 1, JSON.stringify(letters.get(name)))
  })
}

ODD_TRADES.forEach(({ symbol }, i) => {
  test(`accepted as it is: ${symbol}`, async () => {
    for (const file of [`odd-${i}.ndjson`, `odd-${i}.json`]) assert.equal(letters.get(file) ?? [], [])
    const rows = await queryDuckdb(db, 'SELECT trades::DOUBLE AS trades, open, volume FROM bars WHERE symbol = $1', [symbol])
    assert.equal(rows, [{ trades: 2, open: 10.5, volume: 200 }])
  })
})

test('every good neighbour is delivered', async () => {
  const rows = await queryDuckdb(db, `SELECT sum(trades)::DOUBLE AS trades FROM bars WHERE symbol = 'GOOD'`, [])
  assert.equal(rows, [{ trades: goodTrades }])
  const symbols = await queryDuckdb(db, 'SELECT count(DISTINCT symbol)::DOUBLE AS symbols FROM bars', [])
  assert.equal(symbols, [{ symbols: 1 + ODD_TRADES.length }])
})

test('nothing else is a dead letter, and the ledger is balanced', () => {
  const expected = BAD_ELEMENTS.reduce((sum, { linesOnly }) => sum + (linesOnly === true ? 1 : 2), 0) + Object.keys(broken).length
  assert.is(run.total.deadLetters, expected)
  assert.is(run.total.deadLettered, expected)
  assert.is(run.total.unaccounted, 0)
  assert.is(run.total.aggregated, goodTrades + 2 * ODD_TRADES.length)
})

test('a file that is no data is named', () => assert.match(stderr, /notes\.txt/))

test.run()

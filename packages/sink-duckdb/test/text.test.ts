import { join } from 'node:path'
import { duckdbTable, queryDuckdb, timestampMillis } from '@millrace/sink-duckdb'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deadLetter, inFolder, letters, open, rowOf, T0 } from './support.js'

const test = suite('text')

test('NUL characters survive, also in keys, and a lone surrogate becomes U+FFFD', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([letters(path)])
    const texts = ['\0', 'a\0', 'a\0b', 'a', '', '\uFEFF', '\u{1F4A9}', "'; DROP TABLE dead_letters; --", '\u2028\r\n\t', 'é'.normalize('NFD')]
    await opened.commit({ dead_letters: texts.map((text) => rowOf(deadLetter(text, { payload_text: text }))) })
    // As bytes: the driver drops a BOM when it reads a text.
    const read = await queryDuckdb(path, 'SELECT encode(dead_letter_id) AS id, encode(payload_text) AS text FROM dead_letters')
    const hex = (value: unknown): string => Buffer.from(value as Uint8Array | string).toString('hex')
    assert.equal(read.map(({ id, text }) => [hex(id), hex(text)]).sort(), texts.map((text) => [hex(text), hex(text)]).sort())
    await opened.commit({ dead_letters: [rowOf(deadLetter('lone', { payload_text: 'x\uD800y', error_message: '\uDFFF' }))] })
    const [lone] = await queryDuckdb(path, "SELECT payload_text, error_message FROM dead_letters WHERE dead_letter_id = 'lone'")
    assert.equal(lone, { payload_text: 'x\uFFFDy', error_message: '\uFFFD' })
    await opened.close()
  }),
)

test('texts short and long, ASCII and not, and none, stay apart and equal those of SQL', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([letters(path)])
    const texts = ['', 'a', 'a\0', 'é', '\x7f', '\x80', 'elf ASCII!!', 'zwölf Byte!', 'twelve bytes', 'elf Zeichené', 'thirteen byte', 'é'.repeat(6), 'é'.repeat(7), 'x'.repeat(3_000)]
    // More than one chunk, so that what is written was written over before.
    const rows = Array.from({ length: 5_000 }, (_, index) => {
      const text = texts[index % texts.length] ?? ''
      return rowOf(deadLetter(`${text}${index}`, { payload_text: index % 3 === 0 ? null : text, error_path: index < 4_999 ? null : text, error_message: text }))
    })
    await opened.commit({ dead_letters: rows })
    const expected = rows.map(({ value: { dead_letter_id: id, payload_text: payload, error_path: place, error_message: message } }) => ({ id, payload, place, message }))
    const read = await queryDuckdb(path, 'SELECT dead_letter_id AS id, payload_text AS payload, error_path AS place, error_message AS message FROM dead_letters ORDER BY rowid')
    assert.equal(read, expected)
    const [found] = await queryDuckdb(path, "SELECT count(*)::INTEGER AS n FROM dead_letters WHERE error_message IN ('twelve bytes', 'é', '', 'a') AND dead_letter_id LIKE error_message || '%'")
    assert.is(found?.['n'], rows.filter(({ value }) => ['twelve bytes', 'é', '', 'a'].includes(value.error_message)).length)
    await opened.close()
  }),
)

test('two keys that differ only in lone surrogates are one key: the later row stays', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([letters(path)])
    const rows = ['k\uD800', 'k\uDC00'].map((id, index) => rowOf(deadLetter(id, { attempt: index })))
    await opened.commit({ dead_letters: rows })
    assert.equal(await queryDuckdb(path, 'SELECT dead_letter_id AS id, attempt FROM dead_letters'), [{ id: 'k\uFFFD', attempt: 1 }])
    await opened.close()
  }),
)

test('payloads of 16 MB, a dozen of them, with little memory', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const codec = t.type({ id: t.Int, text: t.string })
    const opened = await open([duckdbTable({ path, table: 'big', codec, key: ['id'], memoryLimit: '48MB' })])
    const big = (id: number) => rowOf({ id, text: `${id}é`.repeat(16_000_000 / (String(id).length + 2)) })
    // Four in one epoch, and then one by one: neighbours in the table.
    await opened.commit({ big: [0, 1, 2, 3].map(big) })
    for (let id = 4; id < 12; id++) await opened.commit({ big: [big(id)] })
    await opened.close()
    const read = await queryDuckdb(path, 'SELECT id, md5(text) = md5(repeat(id || $1, (16000000 // (length(id::VARCHAR) + 2))::BIGINT)) AS same, strlen(text) AS n FROM big', ['é'])
    assert.is(read.length, 12)
    assert.ok(read.every(({ same, n }) => same === true && Number(n) >= 15_000_000))
  }),
)

test('the view for Google has its columns, and never a NULL where they are required', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([letters(path)])
    await opened.commit({
      dead_letters: [
        rowOf(deadLetter('1', { payload_text: 'text é', attributes_json: '{"a":"x","b/~\\"":"é"}', event_time: T0 + 1, stack: 'at x' })),
        rowOf(deadLetter('2', { payload_text: null, payload_base64: Buffer.from([0, 255, 128]).toString('base64') })),
        rowOf(deadLetter('3', { payload_text: null, stage_value_json: '{"p":1}' })),
        rowOf(deadLetter('4', { payload_text: null })),
      ],
    })
    const rows = await queryDuckdb(path, 'FROM dead_letters_google ORDER BY "timestamp" DESC, octet_length("payloadBytes") DESC')
    const bytes = (...values: readonly number[]) => Buffer.from(values)
    assert.equal(rows.map((row) => ({ ...row, payloadBytes: Buffer.from(row['payloadBytes'] as Uint8Array) })), [
      {
        timestamp: T0 + 1, payloadString: 'text é', payloadBytes: Buffer.from('text é'),
        attributes: [{ key: 'a', value: 'x' }, { key: 'b/~"', value: 'é' }], errorMessage: 'no', stacktrace: 'at x',
      },
      { timestamp: T0, payloadString: '{"p":1}', payloadBytes: Buffer.from('{"p":1}'), attributes: [], errorMessage: 'no', stacktrace: null },
      { timestamp: T0, payloadString: '', payloadBytes: bytes(0, 255, 128), attributes: [], errorMessage: 'no', stacktrace: null },
      { timestamp: T0, payloadString: '', payloadBytes: bytes(), attributes: [], errorMessage: 'no', stacktrace: null },
    ])
    const types = await queryDuckdb(path, "SELECT column_name || ' ' || data_type AS c FROM duckdb_columns() WHERE table_name = 'dead_letters_google' ORDER BY column_index")
    assert.equal(types.map(({ c }) => c), [
      'timestamp TIMESTAMP', 'payloadString VARCHAR', 'payloadBytes BLOB', 'attributes STRUCT("key" VARCHAR, "value" VARCHAR)[]',
      'errorMessage VARCHAR', 'stacktrace VARCHAR',
    ])
    await opened.close()
  }),
)

test('a query gives times as milliseconds, and whole numbers as numbers where that is exact', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.duckdb')
    const opened = await open([duckdbTable({ path, table: 't', codec: t.type({ at: timestampMillis, n: t.Int }), key: ['at'] })])
    await opened.commit({ t: [-8.64e15, -1, 0, 1, 1_700_000_000_123, 8.64e15].map((at) => rowOf({ at, n: Number.MAX_SAFE_INTEGER })) })
    const rows = await queryDuckdb(path, 'SELECT "at", n FROM t ORDER BY "at"')
    assert.equal(rows.map(({ at }) => at), [-8.64e15, -1, 0, 1, 1_700_000_000_123, 8.64e15])
    const [odd] = await queryDuckdb(path, 'SELECT sum(n) AS sum, 1.5 AS dec, [1, 2]::BIGINT[] AS list, NULL AS nothing, $1 AS p FROM t', ['x'])
    assert.equal(odd, { sum: 6n * BigInt(Number.MAX_SAFE_INTEGER), dec: 1.5, list: [1, 2], nothing: null, p: 'x' })
    await opened.close()
  }),
)

test.run()

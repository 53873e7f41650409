import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Line, type ReadOptions, linesOf, readText } from './reading.js'

const test = suite('odd contents')

interface Row {
  readonly what: string
  readonly content: string
  readonly expected: readonly Line[]
  readonly options?: ReadOptions
}

const lines: ReadOptions = { name: 'x.ndjson' }
const BOM = '\xef\xbb\xbf'

const rows: readonly Row[] = [
  // Nothing, and no dead letter.
  { what: 'an empty file', content: '', expected: [] },
  { what: 'an empty file of lines', content: '', expected: [], options: lines },
  { what: 'a byte order mark alone', content: BOM, expected: [] },
  { what: 'blanks only', content: ' \r\n\t\n ', expected: [] },
  { what: 'blanks only, lines', content: ' \r\n\t\n ', expected: [], options: lines },
  { what: 'an empty array', content: '[]', expected: [] },
  { what: 'an empty array with blanks', content: ' [ \n ] \n', expected: [] },
  { what: 'blanks only, as an array', content: ' \n', expected: [], options: { format: 'array' } },
  { what: 'blanks only, as a document', content: ' \n', expected: [], options: { format: 'document' } },

  // Lines.
  { what: 'lines', content: '1\n{"a":2}\n', expected: [[0, '1'], [2, '{"a":2}']], options: lines },
  { what: 'no newline at the end', content: '1\n2', expected: [[0, '1'], [2, '2']], options: lines },
  { what: 'CRLF', content: '1\r\n2\r\n', expected: [[0, '1'], [3, '2']], options: lines },
  { what: 'CRLF, and the last line cut behind its CR', content: '1\r\n2\r', expected: [[0, '1'], [3, '2']], options: lines },
  { what: 'blank lines and blanks around', content: '\n 1 \n\n\t\n2\n\n', expected: [[2, '1'], [8, '2']], options: lines },
  { what: 'a byte order mark before lines', content: `${BOM}1\n2\n`, expected: [[3, '1'], [5, '2']], options: lines },
  { what: 'a byte order mark in the middle stays', content: `1\n${BOM}2\n`, expected: [[0, '1'], [2, `${BOM}2`]], options: lines },
  { what: 'a bad line between good ones', content: '{"a":1}\n{"a":\n{"a":3}\n', expected: [[0, '{"a":1}'], [8, '{"a":'], [14, '{"a":3}']], options: lines },
  { what: 'invalid UTF-8', content: '\xff\xfe?\n1\n', expected: [[0, '\xff\xfe?'], [4, '1']], options: lines },
  { what: 'an array in a file of lines is a line', content: '[1,2]\n[3]\n', expected: [[0, '[1,2]'], [6, '[3]']], options: lines },
  { what: 'other control characters are no blanks', content: '\x0b\n\x0c\n', expected: [[0, '\x0b'], [2, '\x0c']], options: lines },

  // What a .json file is.
  { what: 'one document on one line', content: '{"a":1}', expected: [[0, '{"a":1}']] },
  { what: 'one document on many lines', content: '{\n "a": 1\n}\n', expected: [[0, '{\n "a": 1\n}']] },
  { what: 'one document that opens on a line of its own and closes later', content: '{"a":[\n1,\n2]}\n', expected: [[0, '{"a":[\n1,\n2]}']] },
  { what: 'lines in a .json file', content: '{"a":1}\n{"a":2}\n', expected: [[0, '{"a":1}'], [8, '{"a":2}']] },
  { what: 'blanks before lines', content: '\n\n {"a":1}\n\n {"a":2}', expected: [[3, '{"a":1}'], [13, '{"a":2}']] },
  { what: 'lines of scalars', content: '1\n"x"\nnull', expected: [[0, '1'], [2, '"x"'], [6, 'null']] },
  { what: 'a first line that is cut off in a string', content: '{"a":"x\n{"a":2}\n', expected: [[0, '{"a":"x'], [8, '{"a":2}']] },
  { what: 'a first line that is cut off in a string in an array', content: '{"a":["x\n{"a":2}\n', expected: [[0, '{"a":["x'], [9, '{"a":2}']] },
  { what: 'a first line that is cut off between members', content: '{"a":1,\n{"a":2}\n{"a":3}\n', expected: [[0, '{"a":1,'], [8, '{"a":2}'], [16, '{"a":3}']] },
  { what: 'a first line that lacks its brace, a blank line behind it', content: '{"a":1\n \n{"a":2}\n', expected: [[0, '{"a":1'], [9, '{"a":2}']] },
  { what: 'a document with an object on its second line', content: '{"a":\n{"b":1}}\n', expected: [[0, '{"a":\n{"b":1}}']] },
  { what: 'a document with objects in an array', content: '{"a":[{},\n{"b":1}]}\n', expected: [[0, '{"a":[{},\n{"b":1}]}']] },
  { what: 'braces and escapes in strings of the first line', content: '{"a":"\\"{["}\n{"b":2}\n', expected: [[0, '{"a":"\\"{["}'], [13, '{"b":2}']] },
  { what: 'a first line that closes more than it opens', content: '}}\n{"a":1}\n', expected: [[0, '}}'], [3, '{"a":1}']] },
  { what: 'a document that is cut off is one record', content: '{\n "a": {\n  "b"', expected: [[0, '{\n "a": {\n  "b"']] },
  { what: 'a byte order mark before a document', content: `${BOM}{\n"a":1}`, expected: [[3, '{\n"a":1}']] },

  // Arrays.
  { what: 'an array', content: '[1,{"a":[2,3]},"x,]"]', expected: [[1, '1'], [3, '{"a":[2,3]}'], [15, '"x,]"']] },
  { what: 'an array on many lines', content: '[\n {"a":1},\n {"a":2}\n]\n', expected: [[3, '{"a":1}'], [13, '{"a":2}']] },
  { what: 'a byte order mark and blanks before an array', content: `${BOM} [1]`, expected: [[5, '1']] },
  { what: 'escapes', content: '["\\"",1,"\\\\",2]', expected: [[1, '"\\""'], [6, '1'], [8, '"\\\\"'], [13, '2']] },
  { what: 'an element that does not parse', content: '[{"a":1},{"a":},{"a":3}]', expected: [[1, '{"a":1}'], [9, '{"a":}'], [16, '{"a":3}']] },
  { what: 'two texts between commas', content: '[1,{"a":1} x,3]', expected: [[1, '1'], [3, '{"a":1} x'], [13, '3']] },
  { what: 'a closer too many', content: '[1},2]', expected: [[1, '1}'], [4, '2']] },
  { what: 'closers in the wrong order', content: '[{"a":[}],2]', expected: [[1, '{"a":[}]'], [10, '2']] },
  { what: 'a brace in a nested array', content: '[[1},2],3]', expected: [[1, '[1},2]'], [8, '3']] },
  { what: 'two commas', content: '[1,,2]', expected: [[1, '1'], [3, '', 'EmptyElement'], [4, '2']] },
  { what: 'two commas with blanks', content: '[1, , 2]', expected: [[1, '1'], [4, '', 'EmptyElement'], [6, '2']] },
  { what: 'a comma first', content: '[,1]', expected: [[1, '', 'EmptyElement'], [2, '1']] },
  { what: 'a trailing comma', content: '[1,2,]', expected: [[1, '1'], [3, '2'], [5, '', 'TrailingComma']] },
  { what: 'a trailing comma and blanks', content: '[1,\n]\n', expected: [[1, '1'], [4, '', 'TrailingComma']] },
  { what: 'a comma and nothing else', content: '[,]', expected: [[1, '', 'EmptyElement'], [2, '', 'TrailingComma']] },
  { what: 'text behind the array', content: '[1] 2\n3 \n', expected: [[1, '1'], [4, '2\n3', 'TextAfterArray']] },
  { what: 'text behind an empty array', content: '[]]', expected: [[2, ']', 'TextAfterArray']] },
  { what: 'two arrays', content: '[1]\n[2]\n', expected: [[1, '1'], [4, '[2]', 'TextAfterArray']] },

  // Arrays that are cut off: exactly one failure.
  { what: 'a bracket and no more', content: '[', expected: [[1, '', 'MissingBracket']] },
  { what: 'cut behind an element', content: '[{"a":1},{"a":2}', expected: [[1, '{"a":1}'], [9, '{"a":2}'], [16, '', 'MissingBracket']] },
  { what: 'cut behind an element and blanks', content: '[1 \n', expected: [[1, '1'], [4, '', 'MissingBracket']] },
  { what: 'cut behind a comma', content: '[1, ', expected: [[1, '1'], [4, '', 'MissingBracket']] },
  { what: 'cut within a number', content: '[1,2', expected: [[1, '1'], [3, '2', 'Unterminated']] },
  { what: 'cut within a word', content: '[1,tru', expected: [[1, '1'], [3, 'tru', 'Unterminated']] },
  { what: 'cut within a string', content: '[1,"tru', expected: [[1, '1'], [3, '"tru', 'Unterminated']] },
  { what: 'cut behind a string', content: '["x"', expected: [[1, '"x"'], [4, '', 'MissingBracket']] },
  { what: 'cut within an escape', content: '["x\\', expected: [[1, '"x\\', 'Unterminated']] },
  { what: 'cut within an object', content: '[{"a":1},{"a":\n', expected: [[1, '{"a":1}'], [9, '{"a":', 'Unterminated']] },
  { what: 'a brace that is never closed takes the rest', content: '[1,{"a":2,{"a":3},{"a":4}]', expected: [[1, '1'], [3, '{"a":2,{"a":3},{"a":4}]', 'Unterminated']] },
  { what: 'a bracket that is never closed takes the rest', content: '[1,{"a":[2},{"a":4}]', expected: [[1, '1'], [3, '{"a":[2},{"a":4}]', 'Unterminated']] },
  { what: 'a bracket in a string closes none', content: '[{"b":[1,"a":"]"},{"c":2}]', expected: [[1, '{"b":[1,"a":"]"},{"c":2}]', 'Unterminated']] },
  { what: 'a bracket too many within an element', content: '[1,{"a":[2]],"b":1},3]', expected: [[1, '1'], [3, '{"a":[2]],"b":1}'], [20, '3']] },
  { what: 'cut behind a nested array', content: '[[1],[2]', expected: [[1, '[1]'], [5, '[2]'], [8, '', 'MissingBracket']] },
  { what: 'a string that is never closed takes the rest', content: '[1,{"a":"x},{"a":"y"}]', expected: [[1, '1'], [3, '{"a":"x},{"a":"y"}]', 'Unterminated']] },

  // Formats that were asked for.
  { what: 'an array as lines', content: '[1,\n2]', expected: [[0, '[1,'], [4, '2]']], options: { format: 'lines' } },
  { what: 'an array as a document', content: ' [1,\n2] ', expected: [[1, '[1,\n2]']], options: { format: 'document' } },
  { what: 'lines as a document', content: '1\n2\n', expected: [[0, '1\n2']], options: { format: 'document', name: 'x.ndjson' } },
  { what: 'lines as an array', content: ' 1\n2\n', expected: [[1, '1\n2', 'NotAnArray']], options: { format: 'array', name: 'x.ndjson' } },
  { what: 'an array in a .jsonl file, as an array', content: '[1]', expected: [[1, '1']], options: { format: 'array', name: 'x.jsonl' } },

  // Larger than maxRecordBytes (4).
  ...[{ options: { name: 'x.ndjson', maxRecordBytes: 4 }, open: '', close: '\n', at: 0, by: '\n' },
    { options: { maxRecordBytes: 4 }, open: '[', close: ']', at: 1, by: ',' }].flatMap(({ options, open, close, at, by }): Row[] => [
    { what: `as large as allowed, by ${JSON.stringify(by)}`, content: `${open}1234 ${by}5${close}`, expected: [[at, '1234'], [at + 6, '5']], options },
    { what: `too large, by ${JSON.stringify(by)}`, content: `${open}12345 ${by}6${close}`, expected: [[at, '1234', 'Oversized', 5], [at + 7, '6']], options },
    { what: `too large at the end, by ${JSON.stringify(by)}`, content: `${open}1${by}23456${close}`, expected: [[at, '1'], [at + 2, '2345', 'Oversized', 5]], options },
  ]),
  { what: 'a document too large', content: '{"a":\n1}\n', expected: [[0, '{"a"', 'Oversized', 8]], options: { maxRecordBytes: 4 } },
  { what: 'a first line too large', content: '{"a":1}\n2\n', expected: [[0, '{"a"', 'Oversized', 7], [8, '2']], options: { maxRecordBytes: 4 } },
  { what: 'text behind the array too large', content: '[]12345', expected: [[2, '1234', 'TextAfterArray', 5]], options: { maxRecordBytes: 4 } },
  { what: 'unterminated and too large', content: '[1,"2345', expected: [[1, '1'], [3, '"234', 'Unterminated', 5]], options: { maxRecordBytes: 4 } },

  // Binary.
  { what: 'a NUL', content: '1\n2\x003\n', expected: [[0, '1\n2\x003\n', 'Binary']], options: lines },
  { what: 'a NUL, cut', content: '123\x0056', expected: [[0, '123\x00', 'Binary', 6]], options: { maxRecordBytes: 4 } },
  { what: 'UTF-16', content: '\xff\xfe[\x001\x00]\x00', expected: [[0, '\xff\xfe[\x001\x00]\x00', 'Binary']] },
  { what: 'a NUL as the last of 4 KiB', content: `${'1\n'.repeat(2047)}1\x00`, expected: [[0, `${'1\n'.repeat(2047)}1\x00`, 'Binary']], options: lines },
  { what: 'a NUL behind 4 KiB is left to the parser', content: `${' '.repeat(4096)}\x00`, expected: [[4096, '\x00']], options: lines },
]

for (const { what, content, expected, options } of rows) {
  test(what, async () => {
    assert.equal(linesOf(await readText(content, options)), expected)
  })
  test(`${what}: in chunks of 1, 2, 3, 5, and 7 bytes`, async () => {
    for (const cuts of [1, 2, 3, 5, 7]) assert.equal(linesOf(await readText(content, { ...options, cuts })), expected, `chunks of ${cuts}`)
  })
}

const failureMessage = async (content: string, options?: ReadOptions): Promise<string> => {
  for (const { records } of await readText(content, options)) {
    if ('failures' in records) for (const failure of records.failures?.values() ?? []) return failure.message
  }
  return 'no failure'
}

test('failures say where and what, and what to do', async () => {
  assert.is(await failureMessage('[1,2,]'), 'x.json, byte 5: the array ends after a comma')
  assert.match(await failureMessage('["12345"]', { maxRecordBytes: 4 }), /^x\.json, byte 1: a record of 7 bytes is larger than maxRecordBytes \(4\).* raise maxRecordBytes/)
  assert.match(await failureMessage('\xff\xfe[\x00'), /UTF-16.*iconv/)
  assert.match(await failureMessage('1\n2', { format: 'array' }), /use the format "auto"/)
})

test('records carry the start of the run', async () => {
  const [batch] = await readText('[1]')
  assert.ok(batch && 'receivedAtMillis' in batch.records)
  assert.is(batch.records.receivedAtMillis, 1_700_000_000_000)
})

test.run()

// What the crash runs are judged by sees what they are there to see.
import type { DeadLetter, JournalRecord } from '@millrace/core'
import { seededRandom } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chosenPoints, mayMiss } from './crash-choice.js'
import { confirmedMissing, type SentMessage } from './crash-confirmed.js'
import { payloadsWrong } from './crash-payloads.js'
import { canonical, differences } from './crash-reference.js'

const test = suite('the judges of crash runs')

/** Letters are frames, a bar is a gap. */
const journalWith = (text: string): readonly JournalRecord[] =>
  [...text].map((letter, index): JournalRecord =>
    letter === '|'
      ? { _tag: 'Gap', number: index + 1, fromMillis: 1, toMillis: 2, reason: 'closed' }
      : { _tag: 'Frame', number: index + 1, receivedAtMillis: 1, silentMillis: 0, position: [index], value: Buffer.from(letter) })

/** What was sent, by connection. */
const sentOn = (...connections: readonly string[]): readonly SentMessage[] =>
  connections.flatMap((letters, index) => [...letters].map((data) => ({ connection: index + 1, data })))

const missing = (connections: readonly string[], pongs: readonly number[], journal: string): number =>
  confirmedMissing(sentOn(...connections), pongs, journalWith(journal)).length

test('what was not confirmed may be missing at the end of a connection', () => {
  assert.is(missing(['abc', 'def'], [3, 5], 'abc|de'), 0)
  assert.is(missing(['abc', 'def'], [3, 4], 'abc|d'), 0)
  assert.is(missing(['abc', 'x', 'def'], [2, 5], 'ab|d'), 0)
  assert.is(missing(['x', 'abc'], [], '||a'), 0)
})

test('a confirmed message that is not in the journal is missing', () => {
  assert.is(missing(['abc', 'def'], [3], 'ab|def'), 1)
  assert.is(missing(['abc', 'def'], [6], 'abc|de'), 1)
  assert.is(missing(['abc', 'x', 'def'], [4], 'abc|def'), 1)
  assert.is(missing(['abc'], [1], ''), 1)
})

test('a journal with holes, with frames twice, or of another connection is not what was sent', () => {
  assert.is(missing(['abc', 'def'], [], 'ac|def'), 1)
  assert.is(missing(['abc'], [], 'aab'), 1)
  assert.is(missing(['abc', 'def'], [], 'abcdef'), 1)
  assert.is(missing(['abc', 'def'], [], 'abc|def|g'), 1)
})

test('rows are compared both ways, and as often as they are there', () => {
  assert.equal(differences('t', ['a', 'b'], ['b', 'a']), [])
  assert.equal(differences('t', ['a', 'a'], ['a']), ['t: 1 only in the table, such as a'])
  assert.equal(differences('t', ['a'], ['a', 'b']), ['t: 1 only in the reference, such as b'])
  assert.is(canonical({ b: 1, a: 2 }), canonical({ a: 2, b: 1 }))
})

test('a frame is on exactly one of its dead letters, whole, that of the lowest path', () => {
  // as: only these columns are looked at
  const letter = (path: string, payload_text: string | null, payload_base64: string | null = null): DeadLetter => ({ source_position: '[2]', path, payload_text, payload_base64 }) as unknown as DeadLetter
  const wrong = (...rows: readonly DeadLetter[]): number => payloadsWrong(rows, journalWith('ab')).length
  assert.is(wrong(letter('[0]', 'b'), letter('[1]', null)), 0)
  assert.is(wrong(letter('[9]', null, Buffer.from('b').toString('base64')), letter('[10]', null)), 0)
  assert.is(wrong(letter('[0]', null)), 1)
  assert.is(wrong(letter('[0]', 'b'), letter('[1]', 'b')), 1)
  assert.is(wrong(letter('[0]', 'a')), 1)
  assert.is(wrong(letter('[10]', 'b'), letter('[9]', null)), 1)
})

test('half-written records are among few points, and each name before another comes twice', () => {
  const points = ['journal x.append:middle', 'sink.write:before', 'clock.now:before', 'store.commit:after'].flatMap((name) => Array.from({ length: 20 }, (_, i) => `${name}#${i + 1}`))
  const chosen = chosenPoints('4', seededRandom(1))(points)
  assert.equal(chosen.map((point) => point.split('#')[0]), ['journal x.append:middle', 'journal x.append:middle', 'sink.write:before', 'store.commit:after'])
  assert.is(chosenPoints('all', seededRandom(1))(points), points)
  assert.equal(['a#1', 'a#2', 'clock.sleep:before#1'].map(mayMiss), [false, true, true])
})

test.run()

import { manualClock } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitColumns } from '#src/cli/fit-columns.js'
import { formatBytes, formatDuration, formatTime, plural } from '#src/cli/format.js'
import { createOutput, type Output } from '#src/cli/output.js'
import { NO_PAINT, paintFor } from '#src/cli/paint.js'
import { Progress } from '#src/cli/progress.js'
import { commandLine } from '#src/cli/shell.js'
import { fit, printable, tableLines, widthOf } from '#src/cli/table.js'
import { wrap } from '#src/cli/wrap.js'

const test = suite('words')

test('sizes, times and counts read well', () => {
  const sizes = [0, 999, 1_000, 17_249_000, 99_960_000, 999_600, 2e9].map(formatBytes)
  assert.equal(sizes, ['0 B', '999 B', '1.00 kB', '17.2 MB', '100 MB', '1.00 MB', '2.00 GB'])
  assert.equal([0, 449, 9_940, 9_960, 59_400, 200_000, 7_500_000].map(formatDuration), ['0.0 s', '0.4 s', '9.9 s', '10 s', '59 s', '3 min 20 s', '2 h 5 min'])
  assert.is(formatTime(Date.UTC(2024, 8, 12, 13, 30, 5)), '2024-09-12 13:30:05')
  assert.is(formatTime(1e300), '1e+300')
  assert.equal([plural(1, 'bar'), plural(1_234, 'bar')], ['1 bar', '1,234 bars'])
})

test('a table stays aligned whatever is in its cells', () => {
  const lines = tableLines([{ title: 'symbol', maxWidth: 8 }, { title: 'n', align: 'right' }], [['AAPL', '1'], ['🚀', '22'], ['贵州茅台', '3'], ['e\u0301', '4'], ['A'.repeat(40), '5']], (title) => title)
  assert.equal(lines, ['symbol     n', 'AAPL       1', '🚀        22', '贵州茅台   3', 'e\u0301          4', 'AAAAAAA…   5'])
  assert.is(new Set(lines.map(widthOf)).size, 1)
  assert.is(fit('AAPL', 4), 'AAPL')
})

test('a table that is too wide is cut first, and then loses its least columns', () => {
  const columns = [{ title: 'name', minWidth: 6 }, { title: 'a', drop: 1 }, { title: 'b', drop: 2 }]
  const shown = (width: number): readonly string[] => {
    const fitted = fitColumns(columns, [['ABCDEFGHIJ', '11111', '22222']], width)
    return tableLines(fitted.columns, fitted.rows, (title) => title)
  }
  assert.equal(shown(24), ['name        a      b', 'ABCDEFGHIJ  11111  22222'])
  assert.equal(shown(21), ['name     a      b', 'ABCDEF…  11111  22222'])
  assert.equal(shown(19), ['name        a', 'ABCDEFGHIJ  11111'])
  assert.equal(shown(12), ['name', 'ABCDEFGHIJ'])
  assert.equal(shown(2), ['name', 'ABCDE…'])
})

test('sentences break between words', () => {
  assert.equal(wrap('Bars  12 bars of one symbol', 13), ['Bars  12 bars', '  of one', '  symbol'])
  assert.equal(wrap('  /a/very/long/path is here', 10, ''), ['  /a/very/long/path', '  is here'])
})

test('what input says cannot play tricks on a terminal', () => {
  assert.is(printable('a\x1b[2Jb\nc\u202ed'), 'a\\u{1b}[2Jb\\u{a}c\\u{202e}d')
  assert.is(printable('🚀 é 茅'), '🚀 é 茅')
})

test('colours only on a terminal, and not against NO_COLOR', () => {
  assert.is(paintFor(false, {}), NO_PAINT)
  assert.is(paintFor(true, { NO_COLOR: '1' }), NO_PAINT)
  assert.is(paintFor(true, { TERM: 'dumb' }), NO_PAINT)
  assert.is(paintFor(true, { NO_COLOR: '' }).bold('x'), '\x1b[1mx\x1b[22m')
})

test('printed commands can be pasted', () => {
  assert.is(commandLine(['report', '--db', `it's here/x.duckdb`]), `npm run stocks -- report --db 'it'\\''s here/x.duckdb'`)
})

const step = (done: number) => ({ records: done / 70, bytes: { done, total: 10_000_000 }, phase: 'reading' as const })

/** An output that keeps what it is told; `columns` cells wide if it is a terminal. */
const recording = (columns?: number): { readonly output: Output; readonly said: string[]; readonly drawn: string[] } => {
  const [said, drawn]: [string[], string[]] = [[], []]
  const terminal = columns === undefined ? undefined : { write: (text: string) => void drawn.push(text), columns, rows: 24 }
  return { said, drawn, output: { say: (line = '') => void said.push(line), warn: () => {}, result: () => {}, print: () => Promise.resolve(true), paint: NO_PAINT, isTerminal: terminal !== undefined, terminal, columns: 80 } }
}

test('without a terminal, a plain line every five seconds', async () => {
  const clock = manualClock(0)
  const { output, said } = recording()
  const progress = new Progress(output, clock)
  for (let second = 1; second <= 11; second++) {
    await clock.advance(1_000)
    progress.update(step(second * 500_000))
  }
  assert.equal(said, ['25 %, 2.50 MB of 10.0 MB, 500 kB/s, 15 s left', '50 %, 5.00 MB of 10.0 MB, 500 kB/s, 10 s left'])
  progress.clear()
  assert.is(said.length, 2)
})

for (const columns of [200, 80, 60, 40, 10]) {
  test(`in a terminal of ${columns} columns, one line that fits, gone at the end`, async () => {
    const clock = manualClock(0)
    const { output, said, drawn } = recording(columns)
    const progress = new Progress(output, clock)
    for (let i = 0; i < 50; i++) {
      await clock.advance(100)
      progress.update(step(i * 200_000))
    }
    progress.update({ ...step(10_000_000), phase: 'firing' })
    progress.clear()
    assert.is(said.length, 0)
    assert.is(drawn.length, 51)
    for (const text of drawn) {
      assert.ok(text.startsWith('\r\x1b[2K') && !text.includes('\n'))
      assert.ok(widthOf(text.replaceAll('\r', '')) < columns, text)
    }
    assert.is(drawn.at(-1), '\r\x1b[2K')
  })
}

test('start-up counts neither for the rate nor for the time left, which is not said too early', async () => {
  const clock = manualClock(0)
  const { output, drawn } = recording(120)
  const progress = new Progress(output, clock)
  const advance = async (done: number): Promise<string> => {
    await clock.advance(500)
    progress.update(step(done))
    return drawn.at(-1) ?? ''
  }
  for (let i = 0; i < 20; i++) assert.not.match(await advance(0), /left|\/s/)
  for (let i = 1; i <= 4; i++) assert.not.match(await advance(i * 500_000), /left/)
  assert.match(await advance(2_500_000), /1\.00 MB\/s {2}7\.5 s left$/)
  // A rate of long ago is forgotten.
  for (let i = 1; i <= 11; i++) await advance(2_500_000 + i * 50_000)
  assert.match(await advance(3_100_000), / 100 kB\/s {2}1 min 9 s left$/)
})

test('a terminal without a width is taken for a usual one', () => {
  const stream = (columns: number) => ({ write: () => true, isTTY: true, columns })
  const columnsOf = (columns: number) => {
    const output = createOutput({ stdout: stream(columns), stderr: stream(columns) }, { json: false }, {})
    return [output.columns, output.terminal?.columns]
  }
  assert.equal(columnsOf(0), [80, 80])
  assert.equal(columnsOf(100), [100, 100])
})

test('a total that is not known is not made up', async () => {
  const clock = manualClock(0)
  const { output, drawn } = recording(80)
  const progress = new Progress(output, clock)
  for (let i = 0; i < 3; i++) {
    await clock.advance(100)
    progress.update({ ...step(i * 7_000), bytes: { done: i * 7_000, total: undefined } })
  }
  assert.match(drawn.at(-1) ?? '', /14\.0 kB  200 records  70\.0 kB\/s$/)
})

test.run()

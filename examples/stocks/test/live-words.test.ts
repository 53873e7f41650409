import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hintOf, saysConnected, saysDisconnected } from '#src/cli/connection-words.js'
import { formatRate, liveLines, plainLine, watermarkWords } from '#src/cli/live-lines.js'
import { LiveScreen } from '#src/cli/live-screen.js'
import { NO_TABLES, type LiveState } from '#src/cli/live-state.js'
import { NO_PAINT, paintFor } from '#src/cli/paint.js'
import { Rates } from '#src/cli/rates.js'
import { widthOf } from '#src/cli/table.js'

const test = suite('words of the live lane')

const NOW = Date.UTC(2026, 10, 23, 13, 30, 10)
const bar = (symbol: string, seconds: number) =>
  ({ symbol, windowStartMillis: NOW - 15_000 + seconds * 1_000, open: 123_456.7, high: 123_456.78, low: 1, close: 99.5, volume: 1e9, vwap: 2, trades: 12_345, lane: 'stream' })
const STATE: LiveState = {
  nowMillis: NOW, runMillis: 65_000, isListening: true, isDisconnected: false, connection: 'finnhub: connected to ws.finnhub.io, for 2 symbols', framesPerSecond: 12.34, tradesPerSecond: 1_234.5,
  watermarkMillis: NOW - 3_100, openWindows: 2, batch: '45 % of 10.0 MB',
  ledger: {
    read: 1_000, made: 3_000, expanded: 900, filtered: 100, deduplicated: 0, aggregated: 2_900, delivered: { bars: 90 }, deadLettered: 10, inFlight: 0, unaccounted: 0,
  },
  tables: {
    bars: [bar('AAPL', 0), bar('贵州茅台'.repeat(8), 5), bar('\x1b[2J', 5)], gaps: 1, lastGap: { millis: 1_100, reason: 'closed by the server (1006)' },
    reasons: [{ count: 7, stage: 'trade', errorClass: 'Decode', path: '/p' }, { count: 3, stage: 'parse json', errorClass: 'JsonSyntax', path: null }],
  },
}

test('all that matters, in lines of 60 cells', () => {
  const lines = liveLines(STATE, 59, NO_PAINT)
  assert.equal(lines.filter((line) => !line.startsWith('  ')), [
    'Live          connected to ws.finnhub.io, for 2 symbols',
    'rates         12 frames/s, 1,235 trades/s (last 3 s)',
    'watermark     13:30:06 UTC, 3.1 s behind now',
    'bars          90 bars of 2,900 trades, 2 open windows',
    'dead letters  10: 7 trade /p, 3 parse json JsonSyntax',
    'gaps          1, last 1.1 s: closed by the server (1006)',
    'ledger        4,000 in, 4,000 accounted for, 0 unaccounted',
    'backfill      45 % of 10.0 MB',
  ])
  assert.is(lines.filter((line) => line.startsWith('  ')).length, 4)
})

for (const width of [200, 79, 59, 39, 9]) {
  test(`no line is wider than ${width} cells, nor plays tricks`, () => {
    const paint = paintFor(true, {})
    for (const line of liveLines(STATE, width, paint)) {
      // What must stay of a table stays: the time, the symbol and the price.
      assert.ok(widthOf(line) <= Math.max(width, 30), line)
      assert.not.match(line, /\x1b\[2J|\n|\r/)
    }
  })
}

test('before anything has come', () => {
  const quiet = { ...STATE, isListening: false, connection: '', watermarkMillis: -Infinity, tables: NO_TABLES, batch: undefined, ledger: { ...STATE.ledger, deadLettered: 0 } }
  const lines = liveLines(quiet, 59, NO_PAINT)
  for (const line of ['Live          connecting', 'watermark     none before the first trade', 'dead letters  none', 'gaps          none']) assert.ok(lines.includes(line), lines.join('\n'))
  assert.not.match(lines.join('\n'), /backfill/)
})

test('a watermark of another day has its date, and the end is no time', () => {
  assert.is(watermarkWords({ nowMillis: NOW, watermarkMillis: Date.UTC(2013, 9, 7, 8, 0, 0, 120) }), '2013-10-07 08:00:00 UTC, 4,795.2 days behind now')
  assert.is(watermarkWords({ nowMillis: NOW, watermarkMillis: Infinity }), 'at the end')
})

test('dead letters whose reasons are not yet known have no colon; a lost connection is told as one', () => {
  const lost = { ...STATE, isListening: false, isDisconnected: true, connection: 'finnhub: ws://x: closed by the server (1006); connecting again in 1000 ms' }
  const lines = liveLines({ ...lost, tables: NO_TABLES }, 99, NO_PAINT)
  assert.is(lines[0], 'Live          disconnected: ws://x: closed by the server (1006); connecting again in 1000 ms')
  assert.ok(lines.includes('dead letters  10'), lines.join('\n'))
})

test('what the connector says: connected, disconnected, and what to look at when nobody is there', () => {
  const [up, down, refused] = ['connected to ws://x, for 1 symbols', 'ws://x: closed by the server (1001); connecting again in 5 ms', 'ws://x: the connection failed: connect ECONNREFUSED; connecting again in 5 ms'].map((words) => `finnhub: ${words}`)
  const said = [up, down, refused, 'finnhub: the server says: connected to nobody'].map((words = '') => [saysConnected(words), saysDisconnected(words), hintOf(words, true)?.includes('--url')])
  assert.equal(said, [[true, false, undefined], [false, true, undefined], [false, true, true], [false, false, undefined]])
  assert.match(hintOf(refused ?? '', false) ?? '', /network/)
})

test('one plain line for a pipe', () => {
  assert.is(plainLine(STATE),
    '1 min 5 s: 1,000 frames (12/s), 2,900 trades (1,235/s), 90 bars, 10 dead letters, watermark 13:30:06 UTC, 3.1 s behind now, 1 gap, backfill 45 % of 10.0 MB')
  assert.equal([0, 0.44, 9.9, 9.96, 1_234.5].map(formatRate), ['0', '0.4', '9.9', '10', '1,235'])
})

test('rates are of the last few seconds', () => {
  const rates = new Rates()
  assert.equal(rates.perSecond, { framesPerSecond: 0, tradesPerSecond: 0 })
  for (let second = 0; second <= 10; second++) rates.add({ atMillis: second * 1_000, frames: second < 5 ? 0 : (second - 5) * 100, trades: second * 10 })
  assert.equal(rates.perSecond, { framesPerSecond: 100, tradesPerSecond: 10 })
  // Samples may be further apart than that.
  rates.add({ atMillis: 20_000, frames: 600, trades: 1_100 })
  assert.equal(rates.perSecond, { framesPerSecond: 10, tradesPerSecond: 100 })
})

const screen = (rows: number): { readonly screen: LiveScreen; readonly written: string[] } => {
  const written: string[] = []
  return { written, screen: new LiveScreen({ write: (text) => void written.push(text), columns: 60, rows }) }
}

test('a screen is overwritten in one write each time, never erased first, and leaves nothing', () => {
  const before = process.listenerCount('exit')
  const { screen: live, written } = screen(24)
  live.draw(['a', 'b'])
  live.draw(['c', 'd', 'e'])
  assert.is(process.listenerCount('exit'), before + 1)
  live.clear()
  live.clear()
  assert.equal(written, ['\x1b[?25l', 'a\x1b[K\nb\x1b[K\n\x1b[J', '\r\x1b[2Ac\x1b[K\nd\x1b[K\ne\x1b[K\n\x1b[J', '\r\x1b[3A\x1b[J\x1b[?25h'])
  assert.is(process.listenerCount('exit'), before)
  assert.is(live.width, 59)
})

test('what does not fit into the rows is left out: it could not be overwritten', () => {
  const { screen: live, written } = screen(3)
  live.draw(['a', 'b', 'c', 'd'])
  live.draw(['a', 'b', 'c', 'd'])
  live.clear()
  assert.is(written[2], '\r\x1b[2Aa\x1b[K\nb\x1b[K\n\x1b[J')
})

test.run()

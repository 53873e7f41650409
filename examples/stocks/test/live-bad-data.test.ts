// Everything bad that an exchange may send ends as a dead letter; its neighbours, and later frames of the same connection, do not.
import { join } from 'node:path'
import { BAD_KINDS, MARKET_SYMBOLS } from '@millrace/connector-finnhub/testing'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { frameOf } from './support/frames.js'
import { barsOfLane, countOf } from './support/live-bars.js'
import { lastJson, runCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, bad data')

const HOUR_MILLIS = 3_600_000
const live = (url: string, symbols = 'AAPL'): readonly string[] => ['live', '--symbols', symbols, '--db', 'bars.duckdb', '--url', url, '--until-closed', '--json']
const reasons = async (folder: string): Promise<readonly (readonly unknown[])[]> =>
  (await queryDuckdb(join(folder, 'bars.duckdb'), 'SELECT stage, error_class, error_path FROM dead_letters ORDER BY source_position, path')).map((row) => Object.values(row))

test('every kind of bad data that the market makes, among good trades', inTemporaryFolder(async (folder) => {
  const market = {
    seed: 5, startMillis: Date.now() - HOUR_MILLIS, millis: 600_000, tradesPerSecond: 30, badShare: 0.02, badKinds: BAD_KINDS.map(({ kind }) => kind),
  }
  await withExchange({ market, faults: [{ kind: 'close', code: 1001, afterFrames: 3_000 }] }, async (exchange) => {
    const ended = await runCli(live(exchange.url, MARKET_SYMBOLS.join(',')), folder)
    assert.is(ended.code, 0, ended.stderr)
    const sent = exchange.counts()
    assert.equal(Object.keys(sent.badByKind).sort(), [...market.badKinds].sort())
    const { total } = lastJson(ended).stream
    assert.equal([total.read, total.aggregated, total.deadLetters, total.unaccounted], [sent.messages, sent.trades, sent.bad, 0])
    const db = join(folder, 'bars.duckdb')
    assert.is(await countOf(db, 'SELECT sum(trades) FROM bars'), sent.trades)
    assert.is(await countOf(db, 'SELECT count(*) FROM dead_letters'), sent.bad)
    assert.is(await countOf(db, 'SELECT count(*) FROM gaps'), 1)
    assert.is(await countOf(db, `SELECT count(*) FROM dead_letters WHERE error_class = 'Late'`), 0)
  })
}))

test('messages that hold no trades are filtered, an unknown one is a dead letter, and the next frame is fine', inTemporaryFolder(async (folder) => {
  const t = Date.now() - HOUR_MILLIS
  const good = { c: ['1'], p: 10, s: 'AAPL', t, v: 5 }
  const frames = [
    '{"type":"ping"}', '{"type":"news","data":[{"id":1}]}', '{"type":"pr","data":[]}', '{"msg":"Invalid symbol","type":"error"}',
    '{"type":"quote"}', '{"__proto__":{"type":"trade"},"data":[]}', '', Buffer.from([0xff, 0xfe]), { data: Buffer.from(frameOf([good])), binary: true },
    { data: Buffer.from([0x22, 0xff, 0x22]), binary: false }, frameOf([good, { ...good, p: -1 }, { ...good, v: 0 }, { ...good, p: 12 }]), frameOf([]),
  ]
  await withExchange({ frames }, async ({ url }) => {
    const ended = await runCli(live(url), folder)
    assert.is(ended.code, 0, ended.stderr)
    assert.match(ended.stderr, /Invalid symbol/)
    const { total } = lastJson(ended).stream
    assert.equal([total.read, total.filtered, total.aggregated, total.deadLetters, total.unaccounted], [12, 5, 2, 7, 0])
  })
  assert.equal((await barsOfLane(join(folder, 'bars.duckdb'), 'stream')).map(({ open, close, trades }) => [open, close, trades]), [[10, 12, 2]])
  assert.equal([...(await reasons(folder))].sort(), [
    ['finnhub', 'BinaryFrame', null], ['finnhub', 'BinaryFrame', null], ['frame', 'Decode', '/type'], ['frame', 'Decode', '/type'],
    ['parse json', 'InvalidUtf8', null], ['parse json', 'JsonSyntax', null], ['trade', 'Decode', '/p'],
  ])
}))

test('one clock that is wrong makes nothing late', inTemporaryFolder(async (folder) => {
  const t = Date.now() - 25 * HOUR_MILLIS
  const trade = (offset: number, p: number) => frameOf([{ p, s: 'AAPL', t: t + offset, v: 1 }])
  const frames = [trade(0, 1), trade(24 * HOUR_MILLIS, 2), trade(100, 3), trade(50 * HOUR_MILLIS, 4), trade(200, 5)]
  await withExchange({ frames }, async ({ url }) => {
    const { total } = lastJson(await runCli(live(url), folder)).stream
    assert.equal([total.aggregated, total.deadLetters], [4, 1])
  })
  assert.equal(await reasons(folder), [['time of trade', 'EventTime', '/t']])
}))

test.run()

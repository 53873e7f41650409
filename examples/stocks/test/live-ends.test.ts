// How a live lane ends, goes on, and is refused.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { frameOf } from './support/frames.js'
import { countOf } from './support/live-bars.js'
import { lastJson, runCli, startCli, type Ended } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, endings')

const T = Date.now() - 3_600_000
const KEY = 'c0ffee-planted-secret'
const live = (url: string, ...more: readonly string[]): readonly string[] => ['live', '--symbols', 'AAPL', '--db', 'bars.duckdb', '--url', url, ...more]
const frame = (i: number): string => frameOf([{ p: 10 + (i % 7), s: 'AAPL', t: T + i * 500, v: 1 }])
const frames = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => frame(i))

/** Resolves when the exchange has sent so many messages. */
const hasSent = async (exchange: { counts(): { readonly messages: number } }, messages: number): Promise<void> => {
  while (exchange.counts().messages < messages) await new Promise((resolve) => setImmediate(resolve))
}

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`${signal} stops at a checkpoint, and the same command goes on to what an undisturbed run gives`, inTemporaryFolder(async (folder) => {
    await withExchange({ frames: frames(400), pace: { framesPerSecond: 200 } }, async (exchange) => {
      const args = live(exchange.url, '--until-closed', '--json')
      const { child, ended } = startCli(args, folder)
      await hasSent(exchange, 100)
      child.kill(signal)
      const first = await ended
      assert.is(first.code, code, first.stderr)
      assert.match(first.stderr, new RegExp(`${signal}: stopping at a checkpoint[^]*Live: Stopped[^]*goes on from there[^]*--until-closed`))
      const { stream } = lastJson(first)
      assert.is(stream.outcome, 'stopped')
      // What was received and not yet read waits in the journal.
      assert.ok(stream.total.read > 0 && stream.total.read <= exchange.counts().messages)
      const last = await runCli(args, folder)
      assert.is(last.code, 0, last.stderr)
      const { total, thisRun } = lastJson(last).stream
      assert.equal([total.read, thisRun.read, total.aggregated, total.unaccounted], [400, 400 - stream.total.read, 400, 0])
    })
    const db = join(folder, 'bars.duckdb')
    assert.equal([await countOf(db, 'SELECT sum(trades) FROM bars'), await countOf(db, 'SELECT count(*) FROM bars'), await countOf(db, 'SELECT count(*) FROM gaps')],
      [400, new Set(Array.from({ length: 400 }, (_, i) => Math.floor((T + i * 500) / 5_000))).size, 1])
  }))
}

test('a second signal ends it at once', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: frames(10), atEnd: 'stayOpen', faults: [{ kind: 'ignoreClose' }] }, async (exchange) => {
    const { child, ended } = startCli(live(exchange.url), folder)
    await hasSent(exchange, 10)
    child.kill('SIGINT')
    await new Promise<void>((resolve) => child.stderr?.on('data', (text) => String(text).includes('SIGINT:') && resolve()))
    child.kill('SIGTERM')
    assert.is((await ended).code, 143)
  })
}))

test('a stop while nobody answers does not wait for anybody, and shows no secret of the address', inTemporaryFolder(async (folder) => {
  const url = await withExchange({}, (exchange) => Promise.resolve(`${exchange.url}/?secret=${KEY}`))
  const { child, ended } = startCli(live(url, '--json'), folder)
  await new Promise<void>((resolve) => child.stderr?.on('data', (text) => String(text).includes('Check --url') && resolve()))
  child.kill('SIGTERM')
  const stopped = await ended
  assert.is(stopped.code, 143, stopped.stderr)
  assert.equal([lastJson(stopped).stream.outcome, lastJson(stopped).stream.total.read], ['stopped', 0])
  assert.is([...stopped.stderr.matchAll(/Is the exchange running/g)].length, 1)
  assert.match(stopped.stderr, /goes on from there:\n {2}npm run stocks -- live --symbols AAPL --db bars\.duckdb --url URL\n/)
  assert.not.match(stopped.stdout + stopped.stderr, new RegExp(KEY))
}))

test('after a normal close all windows have fired, and the file takes no more of that lane', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: frames(30) }, async ({ url }) => {
    const first = await runCli(live(url, '--until-closed'), folder)
    assert.is(first.code, 0, first.stderr)
    assert.match(first.stdout, /^Connecting to 127[^]*Listening to 1 symbol at 127[^]*Live: Done in [^]*all windows fired: 30 frames, 30 trades, \d+ bars, 0 dead letters[^]*Balanced/)
    const again = await runCli(live(url, '--until-closed'), folder)
    assert.is(again.code, 3, again.stderr)
    assert.match(again.stderr, /^Refused: The live lane of this file has ended for good: .*--db FILE\.\n$/)
    assert.not.match(again.stdout, /Listening/)
  })
  assert.is(await countOf(join(folder, 'bars.duckdb'), 'SELECT sum(trades) FROM bars'), 30)
}))

test('with files, each lane has its own line, ledger and time', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'one.ndjson'), `{"s":"AAPL","p":10,"v":1,"t":${T - 86_400_000}}\n`)
  // The live lane takes two seconds at least, the file does not.
  await withExchange({ frames: frames(40), pace: { framesPerSecond: 20 } }, async ({ url }) => {
    const { code, stdout, stderr } = await runCli(live(url, '--until-closed', '--backfill', 'one.ndjson'), folder)
    assert.is(code, 0, stderr)
    const [, ofLive, ofFiles] = /Live: Done in ([\d.]+) s[^]*Files: Done in ([\d.]+) s[^]*Ledger of the live lane\n[^]*Balanced[^]*Ledger of the files\n[^]*Balanced/.exec(stdout) ?? []
    assert.ok(Number(ofFiles) < Number(ofLive), stdout)
  })
}))

test('other closes are reconnected, each with a gap', inTemporaryFolder(async (folder) => {
  const faults = [1001, 1011, 4000].map((code, i) => ({ kind: 'close' as const, code, afterFrames: 10 * (i + 1) }))
  await withExchange({ frames: frames(50), faults }, async ({ url }) => {
    const ended = await runCli(live(url, '--until-closed', '--json'), folder)
    assert.is(ended.code, 0, ended.stderr)
    assert.is(lastJson(ended).stream.total.aggregated, 50)
    for (const code of ['1001', '1011', '4000']) assert.match(ended.stderr, new RegExp(`Warning: .*${code}`))
  })
  assert.is(await countOf(join(folder, 'bars.duckdb'), 'SELECT count(*) FROM gaps'), 3)
}))

test('a second run on the same file, or with the same journal, is refused', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: frames(10), atEnd: 'stayOpen' }, async (exchange) => {
    const { child, ended } = startCli(live(exchange.url), folder)
    await hasSent(exchange, 10)
    const sameFile = await runCli(live(exchange.url, '--journal', 'other'), folder)
    const sameJournal = await runCli(['live', '--symbols', 'AAPL', '--db', 'other.duckdb', '--url', exchange.url, '--journal', 'bars.duckdb.journal'], folder)
    child.kill('SIGTERM')
    await ended
    for (const { code, stderr } of [sameFile, sameJournal]) {
      assert.is(code, 3, stderr)
      assert.match(stderr, new RegExp(`Refused: .*${String(child.pid)}`))
    }
  })
}))

test('a backfill that is refused stops the live lane in order', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: frames(10), atEnd: 'stayOpen' }, async (exchange) => {
    const { code, stdout, stderr } = await runCli(live(exchange.url, '--backfill', 'nowhere'), folder)
    assert.is(code, 1, stderr)
    assert.match(stderr, /The backfill cannot go on; the live lane stops at a checkpoint[^]*Failed: .*nowhere/)
    assert.not.match(stdout, /Live: Done/)
  })
}))

const allBytesBelow = (folder: string): Buffer =>
  Buffer.concat(readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile()).map((path) => readFileSync(path)))

const expectNoKey = ({ stdout, stderr }: Ended, folder: string): void => {
  assert.not.match(stdout + stderr, new RegExp(KEY))
  assert.is(allBytesBelow(folder).indexOf(KEY), -1)
}

test('the key is sent, and never shown or kept', inTemporaryFolder(async (folder) => {
  const env = { FINNHUB_API_KEY: KEY, MILLRACE_DEBUG: '1' }
  await withExchange({ frames: frames(5), key: KEY, faults: [{ kind: 'close', code: 1001, afterFrames: 2 }] }, async ({ url }) => {
    const ended = await runCli(live(url, '--until-closed', '--keep-journal'), folder, env)
    assert.is(ended.code, 0, ended.stderr)
    expectNoKey(ended, folder)
  })
}))

test('an exchange that repeats the key to us: what it says is shown without it', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: [`{"msg":"bad ${KEY}","type":"error"}`] }, async ({ url }) => {
    const { code, stdout, stderr } = await runCli(live(url, '--until-closed'), folder, { FINNHUB_API_KEY: KEY })
    assert.is(code, 0, stderr)
    assert.match(stderr, /the server says: /)
    assert.not.match(stdout + stderr, new RegExp(KEY))
  })
}))

test('a key that is refused ends it, naming the variable', inTemporaryFolder(async (folder) => {
  await withExchange({ frames: frames(5), key: 'another' }, async ({ url }) => {
    const ended = await runCli(live(url), folder, { FINNHUB_API_KEY: KEY, MILLRACE_DEBUG: '1' })
    assert.is(ended.code, 1, ended.stderr)
    assert.match(ended.stderr, /Failed: .*FINNHUB_API_KEY/)
    assert.match(ended.stdout, /^Connecting to/)
    assert.not.match(ended.stdout, /Listening/)
    expectNoKey(ended, folder)
  })
}))

test('without a key and without an address: usage, and nothing is made', inTemporaryFolder(async (folder) => {
  const { code, stdout, stderr } = await runCli(['live', '--symbols', 'AAPL', '--db', 'bars.duckdb'], folder, { FINNHUB_API_KEY: '' })
  assert.equal([code, stdout, existsSync(join(folder, 'bars.duckdb'))], [2, '', false])
  assert.match(stderr, /FINNHUB_API_KEY: it is free at https:\/\/finnhub\.io\/register[^]*demo needs neither[^]*help live/)
}))

test('no folder, a folder, a file in the way of the journal', inTemporaryFolder(async (folder) => {
  const run = (...args: readonly string[]): Promise<Ended> => runCli(['live', '--symbols', 'AAPL', '--url', 'ws://127.0.0.1:1', ...args], folder)
  assert.match((await run('--db', 'nowhere/x.duckdb')).stderr, /^Failed: The folder nowhere/)
  assert.match((await run('--db', '.', '--journal', 'j')).stderr, /^Failed: --db \. is a folder/)
  assert.match((await run('--db', 'x.duckdb', '--journal', import.meta.filename)).stderr, /^Failed: --journal .* is a file/)
}))

test.run()

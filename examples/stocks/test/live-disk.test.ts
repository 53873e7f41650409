// A disk that is full, and a checkpoint that is damaged: a clear end, nothing acknowledged, and afterwards it goes on where it was.
import { spawn } from 'node:child_process'
import { DuckDBInstance } from '@duckdb/node-api'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { frameOf } from './support/frames.js'
import { barsOfLane, countOf, expectBars } from './support/live-bars.js'
import { naiveBars } from './support/naive-bars.js'
import { lastJson, MAIN, runCli, startCli, type Ended } from './support/run-cli.js'
import { configIn, dump, hasSent, tradesOf } from './support/stream-run.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('live, disks')

const T = Date.now() - 3_600_000
const LIMIT_KILOBYTES = 3_072
const FRAMES = 4_000

const live = (url: string): readonly string[] => ['live', '--symbols', 'AAPL', '--db', 'bars.duckdb', '--url', url, '--journal', 'journal', '--keep-journal', '--until-closed', '--json']
const good = (i: number): string => frameOf(Array.from({ length: 20 }, (_, k) => ({ p: 10 + ((i + k) % 7), s: 'AAPL', t: T + i * 100 + k, v: 1, c: ['1'] })))

/** The command line where no file may grow beyond the limit: the system answers EFBIG, as it would ENOSPC. */
const runLimited = (args: readonly string[], cwd: string): Promise<Ended> => {
  const limited = `trap '' XFSZ; ulimit -f ${LIMIT_KILOBYTES}; exec "$0" "$@"`
  const child = spawn('bash', ['-c', limited, process.execPath, MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

test('the journal cannot grow: what is in it is processed, it ends clearly, and goes on when there is room', inTemporaryFolder(async (folder) => {
  const frames = Array.from({ length: FRAMES }, (_, i) => good(i))
  await withExchange({ frames }, async (exchange) => {
    const config = configIn(folder, exchange, [])
    const full = await runLimited(live(exchange.url), folder)
    assert.is(full.code, 1, full.stderr)
    assert.match(full.stderr, /Failed: Appending to the journal in [^]*EFBIG[^]*Make room/)
    const before = await dump(config)
    assert.ok(before.length > 100 && before.length < FRAMES, `${before.length} records`)
    assert.ok((await countOf(config.db, 'SELECT coalesce(sum(trades), 0) FROM bars')) <= before.flatMap(tradesOf).length)
    const last = await runCli(live(exchange.url), folder)
    assert.is(last.code, 0, last.stderr)
    const records = await dump(config)
    assert.equal(records.slice(0, before.length), before)
    const { total } = lastJson(last).stream
    assert.equal([total.read, total.unaccounted], [records.filter(({ _tag }) => _tag === 'Frame').length, 0])
    expectBars(await barsOfLane(config.db, 'stream'), naiveBars(records.flatMap(tradesOf), 5_000))
  })
}))

/** Every frame is a dead letter with its text, twice: the table outgrows the journal. */
const bad = (i: number): string => `{"type":"unheard of ${i}","x":"${String(i).padStart(8, '0').repeat(60)}"}`

test('the DuckDB file cannot grow: nothing is acknowledged that is not in it, and the journal keeps the rest', inTemporaryFolder(async (folder) => {
  const frames = Array.from({ length: FRAMES }, (_, i) => bad(i))
  await withExchange({ frames, pace: { framesPerSecond: 2_000 } }, async (exchange) => {
    const config = configIn(folder, exchange, [])
    const full = await runLimited(live(exchange.url), folder)
    assert.is(full.code, 1, full.stderr)
    assert.match(full.stderr, /Failed: [^]*no space left for .*bars\.duckdb/i)
    const written = await countOf(config.db, 'SELECT count(*) FROM dead_letters')
    const before = await dump(config)
    assert.ok(written < before.length, `${written} of ${before.length} records`)
    assert.is(before[0]?.number, 1)
    const last = await runCli(live(exchange.url), folder)
    assert.is(last.code, 0, last.stderr)
    const received = (await dump(config)).filter(({ _tag }) => _tag === 'Frame').length
    const { total } = lastJson(last).stream
    assert.equal([total.read, total.deadLetters, total.unaccounted], [received, received, 0])
    assert.equal([await countOf(config.db, 'SELECT count(*) FROM dead_letters'), await countOf(config.db, 'SELECT count(DISTINCT source_position) FROM dead_letters')], [received, received])
  })
}))

const damage = async (db: string, sql: string): Promise<void> => {
  const instance = await DuckDBInstance.create(db)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

test('a damaged checkpoint ends it before it connects, and nothing is written or removed', inTemporaryFolder(async (folder) => {
  const frames = Array.from({ length: 400 }, (_, i) => good(i))
  await withExchange({ frames, pace: { framesPerSecond: 200 } }, async (exchange) => {
    const config = configIn(folder, exchange, [])
    const { child, ended } = startCli(live(exchange.url), folder)
    await hasSent(exchange, 100)
    child.kill('SIGTERM')
    assert.is(lastJson(await ended).stream.outcome, 'stopped')
    const seen = async (): Promise<readonly unknown[]> => [await dump(config), await barsOfLane(config.db, 'stream'), exchange.counts().attempts]
    const before = await seen()
    await damage(config.db, `UPDATE millrace.checkpoints SET header = '\\xC1\\x00'::BLOB`)
    const { code, stderr } = await runCli(live(exchange.url), folder)
    assert.is(code, 1, stderr)
    assert.match(stderr, /The checkpoint of pipeline "stocks-stream" in [^]*bars\.duckdb is damaged[^]*begin in a new one/)
    assert.equal(await seen(), before)
  })
}))

test.run()

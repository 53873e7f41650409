import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpOf } from '#src/cli/help.js'
import { parseCommandLine } from '#src/cli/parse-args.js'
import { UsageError } from '#src/cli/usage-error.js'
import { lastJson, runCli, startCli, type Ended } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { withExchange } from './support/with-exchange.js'

const test = suite('report, help and usage')

const T = 1_726_147_800_000
const line = (symbol: string, offset: number, price: number): string => `{"s":${JSON.stringify(symbol)},"p":${price},"v":100,"t":${T + offset}}\n`

const fill = async (folder: string, text: string): Promise<void> => {
  writeFileSync(join(folder, 'trades.ndjson'), text)
  const { code, stderr } = await runCli(['backfill', 'trades.ndjson', '--db', 'x.duckdb'], folder)
  assert.is(code, 0, stderr)
}

const expectEnd = (ended: Ended, code: number): Ended => {
  assert.is(ended.code, code, `${ended.stdout}\n${ended.stderr}`)
  assert.not.match(ended.stdout + ended.stderr, /\x1b|\n\s+at /)
  return ended
}

const ODD = `'; DROP TABLE bars; --`

test('shows bars and dead letters by reason, of all symbols and of one, for people and for programs', inTemporaryFolder(async (folder) => {
  const bad = line('AAPL', 6_000, -1) + line('AAPL', 6_000, -2) + 'no json\n'
  await fill(folder, line('AAPL', 0, 222.5) + line('AAPL', 5_000, 223) + line('🚀', 0, 1) + line(ODD, 0, 5) + bad)
  const asked = async (...more: readonly string[]): Promise<Ended> => expectEnd(await runCli(['report', '--db', 'x.duckdb', ...more], folder), 0)
  const { stdout } = await asked()
  assert.match(stdout, /4 bars of 3 symbols, from 4 trades, 2024-09-12 13:30:00 to 2024-09-12 13:30:10 UTC/)
  assert.match(stdout, /2024-09-12 13:30:05 +AAPL +223\.00/)
  assert.match(stdout, /🚀/)
  assert.match(stdout, /Dead letters {2}3,/)
  assert.match(stdout, / 2 +trade +\/p /)
  assert.match(stdout, / 1 +parse json /)
  assert.match((await asked('--symbol', ODD)).stdout, /1 bar of '; DROP TABLE bars; --/)
  // A symbol in other capitals is asked after.
  assert.match((await asked('--symbol', 'aapl')).stdout, /^Bars {2}none of aapl\. Did you mean AAPL\?\nThere are bars of [^\n]*AAPL[^\n]*\n$/)
  assert.match((await asked('--symbol', 'NONE')).stdout, /^Bars {2}none of NONE\nThere are bars of [^\n]*\n$/)
  assert.match((await asked('--symbol', 'APPL')).stdout, /^Bars {2}none of APPL\. Did you mean AAPL\?\n/)
  assert.not.match((await asked('--symbol', 'AAPL')).stdout, /Did you mean/)
  const data = lastJson(await asked('--json'))
  assert.equal([data.bars.bars, data.bars.fromMillis, data.bars.toMillis, data.deadLetters], [4, T, T + 10_000, 3])
  assert.equal(data.reasons.map(({ count, stage }: any) => [count, stage]), [[2, 'trade'], [1, 'parse json']]) // any: JSON
  assert.is(data.lastBars.find(({ symbol }: any) => symbol === '🚀').vwap, 1) // any: JSON
}))

test('a file without bars, or without dead letters', inTemporaryFolder(async (folder) => {
  await fill(folder, '{}\n')
  const { stdout } = expectEnd(await runCli(['report', '--db', 'x.duckdb'], folder), 0)
  assert.match(stdout, /Bars {2}none\n/)
  assert.match(stdout, /Dead letters {2}1,/)
  await runCli(['backfill', 'trades.ndjson', '--db', 'y.duckdb'], folder)
  writeFileSync(join(folder, 'good.ndjson'), line('A', 0, 1))
  await runCli(['backfill', 'good.ndjson', '--db', 'z.duckdb'], folder)
  assert.match(expectEnd(await runCli(['report', '--db', 'z.duckdb'], folder), 0).stdout, /Dead letters {2}none/)
}))

test('a file that is not there, or is no database', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'text.duckdb'), 'hello')
  const missing = expectEnd(await runCli(['report', '--db', 'x.duckdb'], folder), 1)
  assert.match(missing.stderr, /^Failed: There is no file x\.duckdb\. A backfill makes one/)
  const text = expectEnd(await runCli(['report', '--db', 'text.duckdb'], folder), 3)
  assert.match(text.stderr, /^Refused: .*text\.duckdb is not a DuckDB database/i)
}))

test('a database that is a folder fails, as it does for a backfill', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'trades.ndjson'), line('A', 0, 1))
  const ofReport = expectEnd(await runCli(['report', '--db', '.'], folder), 1)
  assert.match(ofReport.stderr, /^Failed: --db \. is a folder; it must name a DuckDB file\./)
  assert.equal(await runCli(['backfill', 'trades.ndjson', '--db', '.'], folder), ofReport)
}))

/** 0 while it is being made. */
const barsIn = async (path: string): Promise<number> => {
  const rows = await queryDuckdb(path, 'SELECT count(*) AS n FROM bars').catch(() => [])
  return Number(rows[0]?.['n'] ?? 0)
}

test('shows lanes and gaps, also while live runs', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'trades.ndjson'), line('AAPL', 0, 222.5) + line('AAPL', 5_000, 223))
  const trade = (offset: number): string => `{"data":[${line('AAPL', offset, 1).trim()}],"type":"trade"}`
  const frames = [trade(100_000), trade(105_000), trade(200_000)]
  await withExchange({ frames, atEnd: 'stayOpen', faults: [{ kind: 'close', code: 1001, afterFrames: 1 }] }, async ({ url }) => {
    const { child, ended } = startCli(['live', '--symbols', 'AAPL', '--db', 'x.duckdb', '--url', url, '--backfill', 'trades.ndjson'], folder)
    // Of the program one answer is enough: each takes as much CPU as the run does.
    while ((await barsIn(join(folder, 'x.duckdb'))) < 4) await setTimeout(50)
    const data = lastJson(expectEnd(await runCli(['report', '--db', 'x.duckdb', '--json'], folder), 0))
    assert.equal(data.lanes.map(({ lane, bars, trades }: any) => [lane, bars, trades]), [['batch', 2, 2], ['stream', 2, 2]]) // any: JSON
    assert.equal([data.gaps, data.lastGaps.length, data.lastGaps[0].source], [1, 1, 'finnhub'])
    const { stdout } = expectEnd(await runCli(['report', '--db', 'x.duckdb'], folder), 0)
    assert.match(stdout, /batch +2 +2 +2\n +stream +2 +\d +2\n/)
    assert.match(stdout, /Gaps {2}1 time [^]*1001/)
    child.kill('SIGTERM')
    assert.is((await ended).code, 143)
  })
  assert.match(expectEnd(await runCli(['report', '--db', 'x.duckdb'], folder), 0).stdout, /stream +2/)
}))

test('a table of another shape is refused, not taken for an empty one', inTemporaryFolder(async (folder) => {
  for (const [file, table] of [['x.duckdb', 'bars'], ['y.duckdb', 'dead_letters']] as const) {
    const instance = await DuckDBInstance.create(join(folder, file))
    const connection = await instance.connect()
    await connection.run(`CREATE TABLE ${table} (symbol VARCHAR, open INTEGER)`)
    connection.disconnectSync()
    instance.closeSync()
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = expectEnd(await runCli(['report', '--db', file, ...json], folder), 3)
      assert.is(stdout, '')
      assert.match(stderr, new RegExp(`^Refused: The table ${table} in ${file} is not the one that this program makes. It differs in .*nothing`))
    }
  }
}))

test('sums have no digits that no trade had', inTemporaryFolder(async (folder) => {
  const volumes = Array.from({ length: 200 }, (_, i) => `{"s":"A","p":1,"v":0.1,"t":${T + i * 5_000}}\n`)
  await fill(folder, volumes.join(''))
  const data = lastJson(expectEnd(await runCli(['report', '--db', 'x.duckdb', '--json'], folder), 0))
  assert.equal([data.bars.volume, data.bySymbol[0].volume], [20, 20])
}))

test('help teaches, and needs nothing', inTemporaryFolder(async (folder) => {
  const general = expectEnd(await runCli(['--help'], folder), 0)
  assert.match(general.stdout, /demo[^]*live[^]*backfill[^]*report[^]*journal[^]*Exit codes/)
  for (const command of [undefined, 'demo', 'live', 'backfill', 'report', 'journal'] as const) {
    const text = helpOf(command)
    for (const textLine of text.split('\n')) assert.ok(textLine.length <= 80, textLine)
    if (command === undefined) continue
    assert.match(text, /Usage[^]*Examples\n {2}npm /)
    for (const args of [[command, '--help'], ['help', command]]) assert.equal(parseCommandLine(args), { _tag: 'help', topic: command })
  }
  for (const args of [['report', '--help'], ['help', 'report']]) assert.is(expectEnd(await runCli(args, folder), 0).stdout, helpOf('report'))
  assert.match(expectEnd(await runCli(['--version'], folder), 0).stdout, /^\d+\.\d+\.\d+\n$/)
}))

test('a reader that leaves early is no error', inTemporaryFolder(async (folder) => {
  for (const args of [['--help'], ['help', 'backfill'], ['frobnicate']]) {
    const { child, ended } = startCli(args, folder)
    child.stdout?.destroy()
    child.stderr?.destroy()
    assert.is((await ended).code, args[0] === 'frobnicate' ? 2 : 0)
  }
}))

test('what makes no sense: exit code 2, and where to find help', inTemporaryFolder(async (folder) => {
  const usageOf = (args: readonly string[]): string | undefined => {
    try {
      parseCommandLine(args)
    } catch (error) {
      if (error instanceof UsageError) return error.command ?? 'all'
    }
    return undefined
  }
  const wrong = [[], ['frobnicate'], ['--frobnicate'], ['backfill'], ['backfill', 'x'], ['backfill', 'x', '--db', 'y', '--format', 'xml'], ['report', '--dbx']]
  assert.equal(wrong.map(usageOf), ['all', 'all', 'all', 'backfill', 'backfill', 'backfill', 'report'])
  for (const [args, help] of [[[], '--help'], [['report', '--dbx'], 'help report']] as const) {
    const ended = expectEnd(await runCli(args, folder), 2)
    assert.is(ended.stdout, '')
    assert.ok(ended.stderr.endsWith(`\nHelp: npm run stocks -- ${help}\n`), ended.stderr)
  }
}))

test.run()

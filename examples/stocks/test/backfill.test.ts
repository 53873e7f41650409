import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lastJson, runCli, startCli, type Ended } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'
import { generateDay } from '#src/generate/day.js'

const test = suite('backfill')

const T = 1_726_147_800_000
const trade = (symbol: string, offset: number, price: number, volume = 100): string => `{"s":"${symbol}","p":${price},"v":${volume},"t":${T + offset}}`

/** A folder with two files of one symbol and one of another. */
const writeSample = (folder: string): string => {
  const data = join(folder, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'a1.ndjson'), `${trade('A', 0, 10)}\n${trade('A', 1_000, 12)}\n${trade('A', 9_000, 9, 0)}\n`)
  writeFileSync(join(data, 'a2.json'), `[${trade('A', 4_999, 11)},${trade('A', 5_000, 7)},{"bad":1}]`)
  writeFileSync(join(data, 'b.ndjson'), `${trade('B', 0, 3)}\n`)
  return data
}

const FIELDS = ['read', 'made', 'expanded', 'filtered', 'deduplicated', 'aggregated', 'delivered', 'deadLettered', 'inFlight', 'unaccounted', 'bars', 'deadLetters']

const barsOf = (db: string): Promise<readonly unknown[]> =>
  queryDuckdb(db, 'SELECT symbol, epoch_ms(window_start)::DOUBLE AS start, open, high, low, close, volume, trades::DOUBLE AS trades FROM bars ORDER BY ALL', [])

const expectEnd = (ended: Ended, code: number): Ended => {
  assert.is(ended.code, code, `${ended.stdout}\n${ended.stderr}`)
  assert.not.match(ended.stderr, /\n\s+at /)
  return ended
}

test('files become bars; the last line of --json is the figures', inTemporaryFolder(async (folder) => {
  writeSample(folder)
  const ended = expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb', '--json'], folder), 0)
  assert.is(ended.stdout.trim().split('\n').length, 1)
  const { total, thisRun } = lastJson(ended)
  assert.equal(Object.keys(total).sort(), [...FIELDS].sort())
  assert.equal(total, { read: 7, made: 3, expanded: 0, filtered: 1, deduplicated: 0, aggregated: 5, delivered: { bars: 3 }, deadLettered: 1, inFlight: 0, unaccounted: 0, bars: 3, deadLetters: 1 })
  assert.equal(thisRun, total)
  assert.equal(await barsOf(join(folder, 'x.duckdb')), [
    { symbol: 'A', start: T, open: 10, high: 12, low: 10, close: 11, volume: 300, trades: 3 },
    { symbol: 'A', start: T + 5_000, open: 7, high: 7, low: 7, close: 7, volume: 100, trades: 1 },
    { symbol: 'B', start: T, open: 3, high: 3, low: 3, close: 3, volume: 100, trades: 1 },
  ])
}))

test('the same files again, also by another path, change nothing', inTemporaryFolder(async (folder) => {
  writeSample(folder)
  symlinkSync('data', join(folder, 'alias'))
  const first = lastJson(expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb', '--json'], folder), 0))
  const before = await queryDuckdb(join(folder, 'x.duckdb'), 'SELECT * FROM bars ORDER BY ALL', [])
  for (const paths of [['data'], ['alias'], ['./data/../data/b.ndjson', 'data', 'alias'], ['data/b.ndjson', 'data/a2.json', 'data/a1.ndjson']]) {
    const again = lastJson(expectEnd(await runCli(['backfill', ...paths, '--db', 'x.duckdb', '--json'], folder), 0))
    assert.is(again.thisRun.read, 0)
    assert.is(again.thisRun.bars, 0)
    assert.equal(again.total, first.total)
  }
  assert.equal(await queryDuckdb(join(folder, 'x.duckdb'), 'SELECT * FROM bars ORDER BY ALL', []), before)
  const words = expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb'], folder), 0)
  assert.match(words.stdout, /Nothing to do/)
}))

const refusals: Record<string, (data: string) => readonly string[]> = {
  'a touched file': (data) => {
    utimesSync(join(data, 'b.ndjson'), new Date(), new Date(Date.now() - 60_000))
    return ['data']
  },
  'a grown file': (data) => {
    appendFileSync(join(data, 'b.ndjson'), `${trade('B', 60_000, 4)}\n`)
    return ['data']
  },
  'some of the files': () => ['data/b.ndjson'],
  'the files and one more': (data) => {
    writeFileSync(join(data, 'c.ndjson'), `${trade('C', 0, 1)}\n`)
    return ['data']
  },
  'other files that share a bar': (data) => {
    mkdirSync(join(data, '..', 'other'))
    writeFileSync(join(data, '..', 'other', 'more.ndjson'), `${trade('B', 2_000, 5)}\n`)
    return ['other']
  },
  'a copy of a file': (data) => {
    mkdirSync(join(data, '..', 'other'))
    cpSync(join(data, 'b.ndjson'), join(data, '..', 'other', 'copy.ndjson'))
    return ['other']
  },
}
for (const [name, change] of Object.entries(refusals)) {
  test(`${name}: refused, with what to do, and nothing changes`, inTemporaryFolder(async (folder) => {
    const data = writeSample(folder)
    expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb'], folder), 0)
    const before = await barsOf(join(folder, 'x.duckdb'))
    const paths = change(data)
    const ended = expectEnd(await runCli(['backfill', ...paths, '--db', 'x.duckdb', '--json'], folder), 3)
    assert.is(ended.stdout, '')
    assert.match(ended.stderr, /^Refused: /)
    assert.match(ended.stderr, /replace/)
    assert.equal(await barsOf(join(folder, 'x.duckdb')), before)
    if (paths[0] !== 'other') return
    // A refusal leaves no trace: the first run is still known, and done.
    const again = lastJson(expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb', '--json'], folder), 0))
    assert.equal([again.thisRun.read, again.total.read], [0, 7])
    expectEnd(await runCli(['backfill', 'other', '--db', 'x.duckdb'], folder), 3)
  }))
}

test('other files that share nothing are welcome', inTemporaryFolder(async (folder) => {
  writeSample(folder)
  writeFileSync(join(folder, 'later.ndjson'), `${trade('A', 3_600_000, 4)}\n`)
  expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb'], folder), 0)
  const { total } = lastJson(expectEnd(await runCli(['backfill', 'later.ndjson', '--db', 'x.duckdb', '--json'], folder), 0))
  assert.is(total.bars, 1)
  assert.is((await barsOf(join(folder, 'x.duckdb'))).length, 4)
}))

test('--replace reads exactly the files given, and names those that drop out', inTemporaryFolder(async (folder) => {
  writeSample(folder)
  expectEnd(await runCli(['backfill', 'data', '--db', 'x.duckdb'], folder), 0)
  const ended = expectEnd(await runCli(['backfill', 'data/a1.ndjson', '--db', 'x.duckdb', '--replace'], folder), 0)
  assert.match(ended.stdout, /Dropped out/)
  assert.match(ended.stdout, /data\/a2\.json/)
  assert.match(ended.stdout, /data\/b\.ndjson/)
  assert.not.match(ended.stdout, /data\/a1\.ndjson$/m)
  assert.equal(await barsOf(join(folder, 'x.duckdb')), [{ symbol: 'A', start: T, open: 10, high: 12, low: 10, close: 12, volume: 200, trades: 2 }])
  assert.equal(await queryDuckdb(join(folder, 'x.duckdb'), 'SELECT count(*)::DOUBLE AS n FROM dead_letters', []), [{ n: 0 }])
}))

test('--format overrides the name', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'lines.txt'), `${trade('A', 0, 1)}\n${trade('A', 1, 2)}\n`)
  const { total } = lastJson(expectEnd(await runCli(['backfill', 'lines.txt', '--db', 'x.duckdb', '--format', 'lines', '--json'], folder), 0))
  assert.is(total.aggregated, 2)
}))

test('where nothing becomes a bar, it says why and what may be wrong', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'list.json'), `[${trade('A', 0, 1)},${trade('A', 1, 2)}]\n`)
  const wrong = expectEnd(await runCli(['backfill', 'list.json', '--db', 'x.duckdb', '--format', 'lines'], folder), 0)
  assert.match(wrong.stdout, /0 bars, 1 dead letter\.\nNo bar came of it\. The most frequent reason in dead_letters \(1\): .*\nWrong --format\? It is one of auto, lines, array, document;/)
  const right = expectEnd(await runCli(['backfill', 'list.json', '--db', 'y.duckdb'], folder), 0)
  assert.not.match(right.stdout, /--format/)
}))

const interrupt = async (folder: string): Promise<Ended> => {
  const { child, ended } = startCli(['backfill', 'day', '--db', 'x.duckdb'], folder)
  // The file is there as soon as the run has begun.
  while (!existsSync(join(folder, 'x.duckdb')) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 500))
  child.kill('SIGINT')
  return ended
}

test('SIGINT stops at a checkpoint; some of the files are refused, the same command goes on', inTemporaryFolder(async (folder) => {
  const day = generateDay({ directory: join(folder, 'day'), trades: 400_000 })
  const stopped = await interrupt(folder)
  assert.is(stopped.code, 130, stopped.stdout + stopped.stderr)
  assert.match(stopped.stdout, /This command goes on from there:\n {2}npm run stocks -- backfill day --db x\.duckdb/)
  const subset = expectEnd(await runCli(['backfill', 'day/AAPL', '--db', 'x.duckdb'], folder), 3)
  assert.match(subset.stderr, /^Refused: .*--replace/s)
  assert.not.match(subset.stderr, /`/)
  const { total, thisRun } = lastJson(expectEnd(await runCli(['backfill', 'day', '--db', 'x.duckdb', '--json'], folder), 0))
  assert.is(total.aggregated, day.trades)
  assert.is(total.bars, day.windows)
  assert.is(total.unaccounted, 0)
  assert.ok(thisRun.read <= total.read)
}))

test('--replace takes the place of a run that was interrupted', inTemporaryFolder(async (folder) => {
  generateDay({ directory: join(folder, 'day'), trades: 400_000 })
  assert.is((await interrupt(folder)).code, 130)
  const { total } = lastJson(expectEnd(await runCli(['backfill', 'day/F', '--db', 'x.duckdb', '--replace', '--json'], folder), 0))
  const alone = lastJson(expectEnd(await runCli(['backfill', 'day/F', '--db', 'alone.duckdb', '--json'], folder), 0))
  assert.equal(total, alone.total)
  assert.equal(await barsOf(join(folder, 'x.duckdb')), await barsOf(join(folder, 'alone.duckdb')))
}))

const failures: Record<string, readonly [args: readonly string[], message: RegExp]> = {
  'a path that is not there': [['backfill', 'nowhere', '--db', 'x.duckdb'], /nowhere/],
  'a folder without files': [['backfill', 'empty', '--db', 'x.duckdb'], /empty/],
  'a folder of the database that is not there': [['backfill', 'data', '--db', 'no/x.duckdb'], /The folder no of --db no\/x\.duckdb does not exist\. Make it first: mkdir -p no/],
  'a database that is a folder': [['backfill', 'data', '--db', 'empty'], /--db empty is a folder/],
}
for (const [name, [args, message]] of Object.entries(failures)) {
  test(`${name}: one clear paragraph, exit code 1`, inTemporaryFolder(async (folder) => {
    writeSample(folder)
    mkdirSync(join(folder, 'empty'))
    const ended = expectEnd(await runCli(args, folder), 1)
    assert.match(ended.stderr, message)
    assert.match(ended.stderr, /^Failed: [^\n]*\n$/)
  }))
}

test('a database that is no database is refused, and not touched', inTemporaryFolder(async (folder) => {
  const file = join(writeSample(folder), 'b.ndjson')
  const before = readFileSync(file, 'utf8')
  const ended = expectEnd(await runCli(['backfill', 'data', '--db', 'data/b.ndjson'], folder), 3)
  assert.match(ended.stderr, /^Refused: .*b\.ndjson is not a DuckDB database/)
  assert.is(readFileSync(file, 'utf8'), before)
}))

test('MILLRACE_DEBUG shows the stack', inTemporaryFolder(async (folder) => {
  const ended = await runCli(['backfill', 'nowhere', '--db', 'x.duckdb'], folder, { MILLRACE_DEBUG: '1' })
  assert.is(ended.code, 1)
  assert.match(ended.stderr, /\n\s+at /)
}))

test('a reader that leaves does no harm', inTemporaryFolder(async (folder) => {
  writeSample(folder)
  const { child, ended } = startCli(['backfill', 'data', '--db', 'x.duckdb'], folder)
  child.stdout?.destroy()
  child.stderr?.destroy()
  assert.is((await ended).code, 0)
  assert.is((await barsOf(join(folder, 'x.duckdb'))).length, 3)
  assert.ok(readFileSync(join(folder, 'x.duckdb')).length > 0)
}))

test.run()

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Ended, lastJson, runCli, startCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('demo')

/** What a demo says that went well: both lanes are balanced and complete. */
const expectComplete = ({ code, stdout, stderr }: Ended): void => {
  assert.is(code, 0, stderr)
  assert.not.match(stdout, /\x1b|\r/)
  assert.is([...stdout.matchAll(/Balanced/g)].length, 2)
  for (const lane of ['live', 'files']) {
    const [, found, planted, letters, bad] = new RegExp(`Complete, ${lane}: ([\\d,]+) of ([\\d,]+) trades in bars, ([\\d,]+) of ([\\d,]+) planted`).exec(stdout) ?? []
    assert.ok(found !== undefined && found !== '0' && found === planted && letters === bad, stdout)
  }
}

const expectNextWorks = async ({ stdout }: Ended, folder: string): Promise<void> => {
  const commands = [...stdout.matchAll(/^ {2}npm run stocks -- (.+)$/gm)].map((found) => found[1]?.split(' ') ?? [])
  const codes: Record<string, number | null> = {}
  for (const args of commands.filter(([name]) => name !== 'demo')) codes[args.join(' ')] = (await runCli(args, folder)).code
  assert.equal(codes, {
    'report --db demo/stocks.duckdb --symbol AAPL': 0,
    'journal demo/stocks.duckdb.journal': 0,
    'backfill demo/trades --db demo/stocks.duckdb': 0,
    'backfill demo/trades/AAPL --db demo/stocks.duckdb': 3,
    '--help': 0,
  })
}

// One run for all that can be seen of it: it takes half a minute, because it lasts so long.
test('without a terminal it ends by itself, finds all that it planted, leaves only its folder, and can be gone on with', inTemporaryFolder(async (folder) => {
  const startedAtMillis = Date.now()
  const first = await runCli(['demo'], folder)
  expectComplete(first)
  assert.ok(Date.now() - startedAtMillis < 55_000, `${Date.now() - startedAtMillis} ms`)
  // The exchange drops the connection once.
  assert.match(first.stderr, /^Warning: finnhub: .*1001.*\n$/)
  assert.match(first.stdout, /Gaps {2}1 time/)
  assert.equal(readdirSync(folder), ['demo'])
  const { bars, lanes, gaps } = lastJson(await runCli(['report', '--db', 'demo/stocks.duckdb', '--json'], folder))
  assert.equal([bars.symbols, gaps], [24, 1])
  assert.equal(lanes.map(({ lane, bars: count }: any) => [lane, count > 100]), [['batch', true], ['stream', true]]) // any: JSON
  await expectNextWorks(first, folder)
  // A second demo begins afresh, and keeps what is not its own.
  writeFileSync(join(folder, 'demo', 'notes.txt'), 'mine')
  expectComplete(await runCli(['demo', '--trades', '2000', '--seconds', '5'], folder))
  assert.ok(existsSync(join(folder, 'demo', 'notes.txt')))
}))

test('a foreign file among the trades is refused before anything is said or written', inTemporaryFolder(async (folder) => {
  mkdirSync(join(folder, 'demo', 'trades'), { recursive: true })
  writeFileSync(join(folder, 'demo', 'trades', 'mine.ndjson'), '{}')
  const { code, stdout, stderr } = await runCli(['demo', '--trades', '100'], folder)
  assert.equal([code, stdout], [3, ''])
  assert.match(stderr, /^Refused: demo\/trades\/mine\.ndjson is in the way/)
  assert.equal(readdirSync(join(folder, 'demo'), { recursive: true }).sort(), ['trades', 'trades/mine.ndjson'])
}))

test('a directory that is a file', inTemporaryFolder(async (folder) => {
  writeFileSync(join(folder, 'mine.txt'), 'mine')
  for (const [directory, what] of [['mine.txt', 'is a file'], ['mine.txt/below', 'leads through a file']] as const) {
    const { code, stdout, stderr } = await runCli(['demo', '--directory', directory], folder)
    assert.equal([code, stdout], [1, ''])
    assert.match(stderr, new RegExp(`^Failed: --directory ${directory} ${what}; it must name a folder`))
  }
}))

// The path is too long for a socket beside the file: whoever has it listens elsewhere.
const FAR = 'd'.repeat(120)

test('a second demo is refused; one that is interrupted ends in order, and shows what came of it', inTemporaryFolder(async (folder) => {
  const { child, ended } = startCli(['demo', '--directory', FAR, '--trades', '2000', '--seconds', '50'], folder)
  await new Promise<void>((resolve) => child.stdout?.on('data', (text) => String(text).includes('frames') && resolve()))
  const second = await runCli(['demo', '--directory', FAR, '--seconds', '1'], folder)
  assert.equal([second.code, second.stdout], [3, ''])
  assert.match(second.stderr, new RegExp(`^Refused: A demo, or another run, is at work on ${FAR}/stocks\\.duckdb: process ${child.pid}\\. `))
  child.kill('SIGINT')
  const { code, stdout, stderr } = await ended
  assert.is(code, 0, stderr)
  assert.match(stderr, /SIGINT: ending/)
  assert.match(stdout, /Live: Done[^]*Complete, live[^]*Complete, files/)
}))

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCommandLine } from '#src/cli/parse-args.js'
import { UsageError } from '#src/cli/usage-error.js'
import { workingDirectory } from '#src/cli/working-directory.js'

const test = suite('command line')

const parse = (line: string): unknown => parseCommandLine(line === '' ? [] : line.split(' '))

test('reads a backfill', () => {
  assert.equal(parse('backfill a b --db x.duckdb --replace --json --format lines'),
    { _tag: 'backfill', paths: ['a', 'b'], db: 'x.duckdb', format: 'lines', replace: true, json: true })
  assert.equal(parse('backfill --db=x -- --odd'), { _tag: 'backfill', paths: ['--odd'], db: 'x', format: undefined, replace: false, json: false })
})

test('reads report, demo, help and version', () => {
  assert.equal(parse('report --db x --symbol AAPL'), { _tag: 'report', db: 'x', symbol: 'AAPL', json: false })
  assert.equal(parse('demo'), { _tag: 'demo', directory: 'demo', seed: 1, trades: 250_000, seconds: undefined })
  assert.equal(parse('demo --seed 7 --trades 10 --directory d --seconds 5'), { _tag: 'demo', directory: 'd', seed: 7, trades: 10, seconds: 5 })
  for (const line of ['--help', '-h', 'help']) assert.equal(parse(line), { _tag: 'help', topic: undefined })
  for (const line of ['help report', 'report --help', 'report -h']) assert.equal(parse(line), { _tag: 'help', topic: 'report' })
  assert.equal(parse('--version'), { _tag: 'version' })
})

const LIVE = { _tag: 'live', symbols: ['A'], db: 'x', url: undefined, untilClosed: false, backfill: [], journal: 'x.journal', keepJournal: false, json: false }

test('reads live and journal', () => {
  assert.equal(parse('live --symbols A --db x'), LIVE)
  assert.equal(parse('live --symbols A,BINANCE:BTCUSDT,A --db x --url ws://h:1/p?a=b --until-closed --journal j --keep-journal --json'),
    { ...LIVE, symbols: ['A', 'BINANCE:BTCUSDT'], url: 'ws://h:1/p?a=b', untilClosed: true, journal: 'j', keepJournal: true, json: true })
  assert.equal(parseCommandLine(['live', '--symbols', 'IC MARKETS:1, 🚀 ,A', '--db', 'x']), { ...LIVE, symbols: ['IC MARKETS:1', '🚀', 'A'] })
  assert.equal(parse('journal j --frames'), { _tag: 'journal', directory: 'j', frames: true })
  assert.equal(parse('journal j'), { _tag: 'journal', directory: 'j', frames: false })
})

test('--backfill takes several paths, in either way', () => {
  for (const line of ['--backfill a --backfill b', '--backfill a b', '--backfill=a b', '--backfill a --backfill=b']) {
    assert.equal(parse(`live --symbols A ${line} --db x`), { ...LIVE, backfill: ['a', 'b'] })
    assert.equal(parse(`live --symbols A --db x ${line}`), { ...LIVE, backfill: ['a', 'b'] })
  }
  assert.equal(parse('live --symbols A --db x --backfill a -- --b'), { ...LIVE, backfill: ['a', '--b'] })
})

const wrong: Record<string, RegExp> = {
  '': /demo, live, backfill, report and journal/,
  'bakfill a --db x': /no command bakfill. Did you mean backfill\?/,
  'frobnicate': /no command frobnicate\.$/,
  '--frobnicate': /no option --frobnicate/,
  'help frobnicate': /no command frobnicate/,
  'backfill --db x': /at least one PATH/,
  'backfill a': /needs --db FILE/,
  'backfill a --db': /--db/,
  'backfill a --db=': /needs --db FILE/,
  'backfill a --db :memory:': /needs a file/,
  'backfill a --db x --relpace': /no option --relpace. Did you mean --replace\?/,
  'backfill a --db x -z': /no option -z/,
  'backfill a --db x --format xml': /auto, lines, array, document; it cannot be "xml"/,
  'backfill a --db x --json=yes': /--json/,
  'report': /needs --db FILE/,
  'report x --db y': /takes no "x"/,
  'report --db x --symbol=': /^--symbol cannot be empty/,
  'report --db x --db y': /^--db is given twice/,
  'backfill a --db x --json --json': /^--json is given twice/,
  'demo --trades 0': /from 1 to/,
  'demo --trades lots': /whole number from 1 to .* "lots"/,
  'demo --trades -5': /^--trades is a whole number from 1 to \d+; it cannot be "-5"\.$/,
  'demo --seed -1': /^--seed is a whole number from 0 to \d+; it cannot be "-1"\.$/,
  'backfill a --db -x': /^--db needs a value\. If "-x" is meant: --db=-x$/,
  'live --db x': /^live needs --symbols A,B/,
  'live --symbols=, --db x': /"" in it is no symbol/,
  'live --symbols A,,B --db x': /"" in it is no symbol/,
  'live --symbols A': /^live needs --db FILE/,
  'live a --symbols A --db x': /^live takes no "a"/,
  'live --symbols A --db x a': /^live takes no "a"/,
  'live --symbols A --db x --backfill a --json b': /^live takes no "b"/,
  'live --symbols A --db x --backfill': /--backfill/,
  'live --symbols A --db x --backfill=': /^--backfill cannot be empty/,
  'live --symbols A --db x --symbols B': /^--symbols is given twice/,
  'live --symbols A --db x --journal=': /^--journal cannot be empty/,
  'live --symbols A --db x --url http://h?token=secret': /^--url is the address of a websocket: ws:\/\/HOST:PORT or wss:\/\/HOST\.$/,
  'live --symbols A --db x --url nonsense': /^--url is the address/,
  'live --symbols A --db x --untilclosed': /Did you mean --until-closed\?/,
  'journal': /^journal needs DIR/,
  'journal a b': /^journal takes one DIR; "b" is a second one/,
  'demo --seconds 0': /^--seconds is a whole number from 1 to/,
  'demo --seed=-1': /whole number/,
  'demo --seed 1.5': /whole number/,
}
for (const [line, message] of Object.entries(wrong)) {
  test(`refuses "${line}", and says why`, () => {
    assert.throws(() => parse(line), (error: unknown) => error instanceof UsageError && message.test(error.message))
  })
}

test('relative paths are meant from where npm run was typed', () => {
  const env = { npm_lifecycle_event: 'stocks', npm_package_json: '/repo/package.json', INIT_CWD: '/' }
  assert.is(workingDirectory('backfill', '/repo', env), '/')
  assert.is(workingDirectory('demo', '/repo', env), '/repo')
  assert.is(workingDirectory('backfill', '/elsewhere', env), '/elsewhere')
  assert.is(workingDirectory('backfill', '/repo', { ...env, npm_lifecycle_event: 'test' }), '/repo')
  assert.is(workingDirectory('backfill', '/repo', {}), '/repo')
})

test.run()

// @deadline 3600 s
// Every way in which a live lane can be killed at its ports, half-written records of its journal included: what it leaves is what the
// reference interpreter makes of its journal. A sample, or all: `MILLRACE_CRASH_POINTS=all`.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startExchange, type Exchange } from '@millrace/connector-finnhub/testing'
import { readJournal, type DeadLetter, type GapRow, type JournalRecord, type Ledger } from '@millrace/core'
import { fileTable, runCrashPoints, seededRandom } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chosenPoints, mayMiss } from './crash-choice.js'
import { confirmedMissing } from './crash-confirmed.js'
import { payloadsWrong } from './crash-payloads.js'
import { journalOf, ledgerFile, liveBars, tableFile, urlFile, type Bar } from './crash-program.js'
import { canonical, differences, expectedOf, gapOfRow, identityOfRow } from './crash-reference.js'

const test = suite('live bars, killed at crash points')
const program = fileURLToPath(new URL('crash-program.js', import.meta.url))

const asked = process.env['MILLRACE_CRASH_POINTS'] ?? '25'
const seed = Number(process.env['MILLRACE_CRASH_SEED'] ?? Date.now() % 1_000_000)
console.log(`MILLRACE_CRASH_SEED=${seed}`)

/** Some frames a millisecond, so that a read brings a few, and there are not thousands of points. */
const FRAMES_PER_SECOND = 2_000

/** A short market: disorder beyond the bound, bad data of every kind, and a connection that breaks. */
const shortMarket = (): Promise<Exchange> =>
  startExchange({
    market: { seed, startMillis: Date.now() - 3_600_000, millis: 4_000, tradesPerSecond: 12, disorderMillis: 1_500, badShare: 0.15 },
    pace: { framesPerSecond: FRAMES_PER_SECOND },
    pingEveryFrames: 5,
    faults: [{ kind: 'halfFrame', afterFrames: 8 }, { kind: 'close', code: 1011, afterFrames: 18 }],
  })

const rowsOf = <A>(directory: string, name: 'bars' | 'dead-letters' | 'gaps'): readonly A[] => {
  const rows = fileTable<A>({ path: tableFile(directory, name) }).rows()
  assert.is(new Set(rows.map(({ rowId }) => rowId)).size, rows.length, `${name}: a row is there twice`)
  return rows.map(({ value }) => value)
}

const dumpOf = async (directory: string): Promise<readonly JournalRecord[]> => {
  const records: JournalRecord[] = []
  for await (const record of readJournal(journalOf(directory))) records.push(record)
  return records
}

/** The tables of a folder are what its journal says, and the journal holds all that was confirmed. */
const check = async (directory: string, exchange: Exchange): Promise<void> => {
  const dump = await dumpOf(directory)
  const expected = await expectedOf(liveBars(directory), null, 'finnhub', dump)
  const [bars, letters, gaps] = [rowsOf<Bar>(directory, 'bars'), rowsOf<DeadLetter>(directory, 'dead-letters'), rowsOf<GapRow>(directory, 'gaps')]
  const ledger = JSON.parse(readFileSync(ledgerFile(directory), 'utf8')) as Ledger | null // as: the program writes it
  if (ledger !== null) assert.equal(ledger, { ...expected.ledger, inFlight: 0, unaccounted: 0 })
  const wrong = [
    ...differences('bars', bars.map(canonical), expected.rows.get('bars') ?? []),
    ...differences('dead letters', letters.map(identityOfRow), expected.deadLetters),
    ...differences('gaps', gaps.map(gapOfRow), expected.gaps),
    ...payloadsWrong(letters, dump),
    ...confirmedMissing(exchange.sent(), exchange.pongs(), dump),
  ]
  // Of an error the driver tells the message only.
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  assert.ok(bars.length > 0 && letters.length > 0 && exchange.pongs().length > 0, 'the market was too short')
}

test('tables, ledger and gaps are what the journal says, which holds every frame whose ping was answered', async () => {
  const exchanges = new Map<string, Exchange>()
  const prepare = async (directory: string): Promise<void> => {
    const exchange = await shortMarket()
    exchanges.set(directory, exchange)
    writeFileSync(urlFile(directory), exchange.url)
  }
  const compare = async (directory: string): Promise<void> => {
    const exchange = exchanges.get(directory)
    if (exchange === undefined) throw new Error(`no exchange was started for ${directory}`)
    await check(directory, exchange)
    await exchange.close()
  }
  try {
    const choose = chosenPoints(asked, seededRandom(seed))
    const { points, crashed } = await runCrashPoints({ program, prepare, compare, choose, mayMiss, parallel: 2, print: (line) => console.log(line) })
    const torn = (list: readonly string[]): number => list.filter((point) => point.startsWith('journal finnhub.append:middle')).length
    assert.ok(torn(points) > 2 && torn(crashed) > 0, 'no record of the journal was torn')
    assert.ok(crashed.length >= Math.min(20, Number(asked) || points.length / 2), `only ${crashed.length} points were reached`)
  } finally {
    await Promise.all([...exchanges.values()].map((exchange) => exchange.close()))
  }
})

test.run()

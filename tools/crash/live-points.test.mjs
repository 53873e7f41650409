// @deadline 3600 s
// The example's live lane into DuckDB, killed at its ports and inside the appends of its journal. A sample, or all: `MILLRACE_CRASH_POINTS=all`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startExchange } from '@millrace/connector-finnhub/testing'
import { runCrashPoints, seededRandom } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chosenPoints, mayMiss } from '../../packages/connector-finnhub/dist-test/crash-choice.js'
import { configOf, ledgerFile, urlFile } from './live-program.mjs'
import { checkLive } from './live-tables.mjs'

const test = suite('the live lane into DuckDB, killed at crash points')
const program = fileURLToPath(new URL('live-program.mjs', import.meta.url))

const asked = process.env.MILLRACE_CRASH_POINTS ?? '8'
const seed = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000)
console.log(`MILLRACE_CRASH_SEED=${seed}`)

/** Its windows fire in the middle of it; some frames a millisecond, so that a read brings a few, and there are not thousands of points. */
const shortMarket = () =>
  startExchange({
    market: { seed, startMillis: Date.now() - 3_600_000, millis: 16_000, tradesPerSecond: 8, badShare: 0.15 },
    pace: { framesPerSecond: 1_500 },
    pingEveryFrames: 5,
    faults: [{ kind: 'halfFrame', afterFrames: 10 }],
  })

test('tables, ledger and gaps are what the journal says, which holds every frame whose ping was answered', async () => {
  const exchanges = new Map()
  const prepare = async (directory) => {
    const exchange = await shortMarket()
    exchanges.set(directory, exchange)
    writeFileSync(urlFile(directory), exchange.url)
  }
  const compare = async (directory) => {
    const exchange = exchanges.get(directory)
    const ledger = JSON.parse(readFileSync(ledgerFile(directory), 'utf8')) ?? undefined
    const config = configOf(directory)
    const { wrong, bars, letters } = await checkLive({ db: config.db, journal: join(directory, 'journal'), config, ledger, sent: exchange.sent(), pongs: exchange.pongs() })
    // Of an error the driver tells the message only.
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    assert.ok(bars > 0 && letters > 0, 'the market was too short')
    await exchange.close()
  }
  try {
    const { points, crashed } = await runCrashPoints({ program, prepare, compare, choose: chosenPoints(asked, seededRandom(seed)), mayMiss, parallel: 2, print: (line) => console.log(line) })
    assert.ok(crashed.some((point) => point.startsWith('journal finnhub.append:middle')), 'no record of the journal was torn')
    assert.ok(points.includes('store.commitEpoch:before#3'), 'hardly an epoch')
    assert.ok(crashed.length >= (Number(asked) || points.length) / 2, `only ${crashed.length} points were reached`)
  } finally {
    await Promise.all([...exchanges.values()].map((exchange) => exchange.close()))
  }
})

test.run()

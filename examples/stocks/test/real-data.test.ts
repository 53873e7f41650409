import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { queryDuckdb } from '@millrace/sink-duckdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { minutesByPipeline } from './support/minutes-pipeline.js'
import { naiveBars, readTrades, type NaiveBar } from './support/naive-bars.js'
import { realData } from './support/real-data.js'
import { lastJson, runCli } from './support/run-cli.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('real trades')
const data = realData()
const whenThere = data === undefined ? test.skip : test
if (data === undefined) process.stdout.write('# SKIP data: the folder of real trades is not here (MILLRACE_TEST_DATA names another)\n')
const { batch, minutes } = data ?? { batch: '', minutes: '' }

type BarRow = NaiveBar & { readonly lane: string; readonly complete: boolean }
const BARS = `SELECT symbol, epoch_ms(window_start)::DOUBLE AS start, epoch_ms(window_end)::DOUBLE AS "end", open, high, low, close, volume, vwap,
  trades::DOUBLE AS trades, lane, complete FROM bars ORDER BY symbol, window_start`

const checkBar = (found: BarRow, expected: NaiveBar): void => {
  const { vwap, lane, complete, ...rest } = found
  const { vwap: expectedVwap, ...expectedRest } = expected
  assert.equal(rest, expectedRest)
  assert.ok(Math.abs(vwap - expectedVwap) <= 1e-12 * expectedVwap, `${vwap} is not ${expectedVwap}`)
  assert.is(lane, 'batch')
  assert.is(complete, true)
}

whenThere('a backfill gives exactly the bars of the definition', inTemporaryFolder(async (folder) => {
  const db = join(folder, 'bars.duckdb')
  const ended = await runCli(['backfill', batch, '--db', db, '--json'], folder)
  assert.is(ended.code, 0, ended.stderr)
  const { total } = lastJson(ended)
  assert.is(total.read, 49_644)
  assert.is(total.bars, 6_309)
  assert.is(total.deadLetters, 0)
  assert.is(total.unaccounted, 0)
  const found = (await queryDuckdb(db, BARS, [])) as unknown as readonly BarRow[] // as: the columns just named
  const expected = naiveBars(readTrades(batch), 5_000)
  assert.is(expected.length, 6_309)
  assert.is(found.length, expected.length)
  expected.forEach((bar, i) => checkBar(found[i] as BarRow, bar)) // as: as many were found
}))

whenThere('the vendor\'s minute bars follow from the same trades, by a pipeline over days', async () => {
  const [, ...lines] = gunzipSync(readFileSync(minutes)).toString('utf8').trim().split('\n')
  assert.is(lines.length, 886)
  const expected = lines.map((line) => line.split(',').map((text, i) => (i === 0 ? text : Number(text))).join(','))
  const found = (await minutesByPipeline(batch)).map(({ symbol, start, open, high, low, close, volume }) => [symbol, start, open, high, low, close, volume].join(','))
  assert.equal([...found].sort(), expected.sort())
})

test.run()

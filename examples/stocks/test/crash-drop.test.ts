// A batch that is lost on its way, wherever that is, must show in the ledger, and still do so after a crash.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLocal, type Instrument, type Job, type RunSummary } from '@millrace/core'
import { intercept } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batch } from '#src/pipeline.js'
import { lonelyTrades } from './crash/small-folder.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('a lost batch')

/** Every way on which something goes from one place to another. */
const WAYS = [
  ['intake', 'files'], ['files', 'parse json'], ['parse json', 'trade'], ['trade', 'time of trade'], ['time of trade', 'no price updates'],
  ['no price updates', 'symbol'], ['symbol', 'ohlcv'], ['ohlcv', 'row'], ['row', 'bars'], ['bars', 'sink'],
  ['files', 'dead letters'], ['parse json', 'dead letters'], ['trade', 'dead letters'], ['time of trade', 'dead letters'], ['dead letters', 'sink'],
] as const

const FILES = 4
/** One that does not parse, one that is no trade, one of a time to come. */
const BAD = '{"s":\n{"s":"BAD"}\n{"c":[],"p":1,"s":"BAD","t":7000000000000000,"v":1}\n'

const makeInput = (folder: string): string => {
  const input = join(folder, 'input')
  mkdirSync(input)
  for (let i = 0; i < FILES; i++) writeFileSync(join(input, `${i}.ndjson`), `${BAD}${lonelyTrades(`SYM${i}`, i * 40, i * 40 + 40)}`)
  // One that its source cannot give whole.
  writeFileSync(join(input, 'torn.json'), `[{"c":[],"p":1,"s":"TORN","t":1726147800000,"v":1},{"c":[`)
  return input
}

/** Drops the first batch on its way from one place to another. */
const dropping = (from: string, to: string): { readonly drop: (from: string, to: string) => boolean; readonly dropped: () => boolean } => {
  let dropped = false
  const drop = (a: string, b: string): boolean => {
    if (dropped || a !== from || b !== to) return false
    dropped = true
    return true
  }
  return { drop, dropped: () => dropped }
}

const run = (input: string, db: string, options: Parameters<typeof runLocal>[2]): Job =>
  runLocal(batch, { paths: [input], db }, { epochMillis: 0, concurrency: 1, ...options })

/** Ends a run as a crash would, once something is committed after the loss. */
const crashingAfter = (dropped: () => boolean, crash: () => void): Instrument =>
  intercept({ before: () => undefined, after: ({ port, method }) => (port === 'store' && method === 'commitEpoch' && dropped() ? crash() : undefined) })

const runAndCrash = async (input: string, db: string, from: string, to: string): Promise<boolean> => {
  const { drop, dropped } = dropping(from, to)
  const job: Job = run(input, db, { drop, instrument: crashingAfter(dropped, () => void job.cancel()) })
  const crashed = await job.done.then(() => false, () => true)
  assert.ok(dropped(), `nothing goes from ${from} to ${to}`)
  return crashed
}

for (const [from, to] of WAYS) {
  test(`from ${from} to ${to} is unaccounted for, at once and after a crash`, inTemporaryFolder(async (folder) => {
    const input = makeInput(folder)
    const { drop, dropped } = dropping(from, to)
    const { total, thisRun } = await run(input, join(folder, 'whole.duckdb'), { drop }).done
    assert.ok(dropped(), `nothing goes from ${from} to ${to}`)
    assert.ok(total.unaccounted > 0, 'at once')
    assert.is(thisRun.unaccounted, total.unaccounted)
    const crashed = await runAndCrash(input, join(folder, 'crashed.duckdb'), from, to)
    const resumed: RunSummary = await run(input, join(folder, 'crashed.duckdb'), {}).done
    assert.ok(resumed.total.unaccounted > 0, 'after a crash')
    assert.ok(crashed, 'nothing was committed after the loss')
  }))
}

test('nothing is unaccounted for where nothing is lost', inTemporaryFolder(async (folder) => {
  const { total } = await run(makeInput(folder), join(folder, 'whole.duckdb'), {}).done
  assert.is(total.unaccounted, 0)
  assert.is(total.deadLettered, 3 * FILES + 1)
}))

test.run()

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeBackfillFiles } from './backfill-files.mjs'
import { byTurns, expectAll, median, medianRatio, runChild } from './children.mjs'
import { knownCount, knownSum } from './race-input.mjs'
import { nanos } from './report.mjs'

/** Hours of the race, so that the time that V8 takes to compile, which DuckDB does not need, is not most of what is compared. */
const copies = 3

/**
 * Files into a DuckDB file, bars and dead letters, exactly once, against what DuckDB's own SQL takes on one thread for the
 * same: bars, and a table of what is no trade (without reasons or places). What the bars alone take is shown as well.
 */
export const compareBackfill = ({ folder, trades, rows, bad }) => {
  const filesFolder = join(folder, 'files')
  const files = writeBackfillFiles(filesFolder, trades, copies)
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(folder, `${name}.duckdb`))
  const fresh = (path) => {
    for (const suffix of ['', '.wal']) rmSync(path + suffix, { force: true })
    return path
  }
  const found = byTurns(3, {
    backfill: () => runChild('backfill', [fresh(ours), filesFolder]),
    bars: () => runChild('sql', ['bars', fresh(theirs), ...files]),
    sql: () => runChild('sql', ['all', fresh(theirs), ...files]),
  })
  expectAll('the backfill', found.backfill, { unaccounted: 0, deadLetters: copies * bad })
  const sums = Array.from({ length: copies }, () => knownSum).join()
  expectAll('the backfill and the SQL', [runChild('compare', [ours, theirs, copies])], { rows: copies * rows, differing: 0, sums })
  const [backfill, bars, sql] = [found.backfill, found.bars, found.sql].map((results) => results.map(({ cpuMicros }) => cpuMicros))
  const lines = copies * knownCount
  return {
    name: 'backfill of NDJSON files into DuckDB / its own strict SQL on one thread, bars and what is no trade',
    ratio: medianRatio(backfill, sql),
    limit: 1.5,
    from: [
      `a trade, of ${lines / 1e6} million from a cold start: ${nanos(median(backfill), lines)} and ${nanos(median(sql), lines)}`,
      `SQL for the bars alone, which drops what is no trade without a word: ${nanos(median(bars), lines)} (${medianRatio(backfill, bars).toFixed(2)})`,
    ],
  }
}

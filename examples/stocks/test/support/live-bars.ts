import { queryDuckdb } from '@millrace/sink-duckdb'
import * as assert from 'uvu/assert'
import type { NaiveBar } from './naive-bars.js'

/** A bar as the table has it. */
export type BarRow = NaiveBar & { readonly complete: boolean }

const BARS = `SELECT symbol, epoch_ms(window_start)::DOUBLE AS start, epoch_ms(window_end)::DOUBLE AS "end", open, high, low, close, volume, vwap,
  trades::DOUBLE AS trades, complete FROM bars WHERE lane = $1 ORDER BY symbol, window_start`

/** The bars of one lane, by symbol and time. */
export const barsOfLane = async (db: string, lane: 'stream' | 'batch'): Promise<readonly BarRow[]> =>
  (await queryDuckdb(db, BARS, [lane])) as unknown as readonly BarRow[] // as: the columns just named

/** Fails unless these are the bars; a volume and a vwap that were worked out in another order may differ in the last digits. */
export const expectBars = (found: readonly BarRow[], expected: readonly NaiveBar[]): void => {
  assert.is(found.length, expected.length, 'bars')
  expected.forEach(({ vwap, volume, ...rest }, i) => {
    const { vwap: foundVwap, volume: foundVolume, complete: _complete, ...foundRest } = found[i] as BarRow // as: as many were found
    assert.equal(foundRest, rest)
    assert.ok(Math.abs(foundVwap - vwap) <= 1e-12 * vwap && Math.abs(foundVolume - volume) <= 1e-12 * volume, `${foundVwap}, ${foundVolume}: not ${vwap}, ${volume}`)
  })
}

/** One number of a query. */
export const countOf = async (db: string, sql: string): Promise<number> => Number(Object.values((await queryDuckdb(db, sql, []))[0] ?? {})[0])

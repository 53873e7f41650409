// Compares two databases row by row, and each copy of the race in the first with the known sum. Usage: compare.mjs DATABASE DATABASE COPIES
import { queryDuckdb } from '@millrace/sink-duckdb'
import { copyShiftMillis } from '../backfill-files.mjs'
import { report } from '../measured.mjs'
import { startMillis, sumOf } from '../race-input.mjs'

const rowsOf = (path) => queryDuckdb(path, 'SELECT w, s, o, h, l, c, v, pv, n FROM bars ORDER BY w, s')

const [ours, theirs] = [await rowsOf(process.argv[2]), await rowsOf(process.argv[3])]
const differing = ours.filter((row, i) => JSON.stringify(row) !== JSON.stringify(theirs[i])).length
const copyOf = ({ w }) => Math.floor((w - startMillis + 5_000) / copyShiftMillis)
const sums = Array.from({ length: Number(process.argv[4]) }, (_, copy) => {
  const rows = ours.filter((row) => copyOf(row) === copy)
  return sumOf(rows.map((row) => ({ ...row, w: row.w - copy * copyShiftMillis })))
})
report({ rows: ours.length, differing: differing + Math.abs(ours.length - theirs.length), sums: sums.join() })

// Compares two databases row by row, and each copy of the race in the first with the known sum. Usage: compare.mjs DATABASE DATABASE COPIES
import { queryDuckdb } from '@millrace/sink-duckdb'
import { sumsOfCopies } from '../copies.mjs'
import { report } from '../measured.mjs'

const rowsOf = (path) => queryDuckdb(path, 'SELECT w, s, o, h, l, c, v, pv, n FROM bars ORDER BY w, s')

const [ours, theirs] = [await rowsOf(process.argv[2]), await rowsOf(process.argv[3])]
const differing = ours.filter((row, i) => JSON.stringify(row) !== JSON.stringify(theirs[i])).length
report({ rows: ours.length, differing: differing + Math.abs(ours.length - theirs.length), sums: sumsOfCopies(ours, Number(process.argv[4])) })

import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { committedIn } from './checkpoint.mjs'
import { resultOf, runCli } from './cli.mjs'
import { compareTables } from './compare.mjs'
import { dayOf } from './day.mjs'
import { momentsOf, WITHIN } from './moments.mjs'

/** Of the kills, those that must lie between 5 % and 95 % of the bytes. */
const MOST = 0.75

const percent = (part) => `${(100 * part).toFixed(1)} %`.padStart(7)

/** Learns how long a run takes to start, and how fast it reads, from the runs so far. */
class Pace {
  startMillis = 600
  constructor(readMillis) {
    this.perMilli = 1 / readMillis
  }

  /** How long to let a run live that goes on from one part of the bytes, so that it gets to another. */
  lifeMillis(from, to) {
    if (to === 0) return this.startMillis / 2
    if (to <= 1) return Math.round(this.startMillis + Math.max(0, to - from) / this.perMilli)
    // All is read by then, and bars are written: that takes about a tenth of the time.
    return Math.round(this.startMillis + (Math.max(0, 1 - from) + 0.08 * (to - 1)) / this.perMilli)
  }

  learn(from, to, millis) {
    if (to - from < 0.005 || to >= 1) return
    const seen = (to - from) / Math.max(50, millis - this.startMillis)
    this.perMilli += 0.4 * (seen - this.perMilli)
  }
}

const print = ({ number, aimed, millis, before, after, files, bars }) =>
  console.log(`${String(number).padStart(4)}  ${aimed <= 1 ? percent(aimed) : ' firing'}  ${(millis / 1_000).toFixed(2).padStart(7)} s  ${percent(before)} → ${percent(after)}  ${String(files).padStart(5)}  ${String(bars).padStart(7)}`)

const LOG = '.wal'

/** The database and its log, copied with their names changed, or removed where there are none. */
const copyDatabase = (from, to) => {
  for (const suffix of ['', LOG]) {
    rmSync(to + suffix, { force: true })
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
  }
}

/** Lets a run live so long; one that was faster than expected, and ended, never was: it is started again to live less. */
const strike = async ({ args, folder, db }, lifeMillis) => {
  const saved = `${db}.before`
  copyDatabase(db, saved)
  for (let life = lifeMillis; life > 10; life *= 0.7) {
    const { code, signal, millis, stderr } = await runCli(args, folder, Math.round(life))
    if (signal === 'SIGKILL') return millis
    if (code !== 0) throw new Error(`the run was to be killed, but ended with ${signal ?? code}:\n${stderr}`)
    console.log(`      it was done within ${(millis / 1_000).toFixed(2)} s: back to where it began`)
    copyDatabase(saved, db)
  }
  throw new Error('the run cannot be killed: it is done at once')
}

const kill = async (run, pace, aimed, before) => {
  const millis = await strike(run, pace.lifeMillis(before, aimed))
  const { bytes: done, endedFiles, bars } = await committedIn(run.db)
  const after = Math.min(1, done / run.bytes)
  pace.learn(before, after, millis)
  return { aimed, millis, before, after, files: endedFiles, bars }
}

const killAll = async (run, moments, pace) => {
  console.log('kill    aimed  lived for  bytes committed      files     bars')
  const kills = []
  for (const aimed of moments) {
    const done = await kill(run, pace, aimed, kills.at(-1)?.after ?? 0)
    kills.push(done)
    print({ number: kills.length, ...done })
  }
  return kills
}

/** Every run that was killed had committed at least what its successor began with; so the kill lay at or behind that. */
const checkSpread = (kills) => {
  const within = kills.filter(({ after }) => after >= WITHIN.from && after <= WITHIN.to).length
  console.log(`${within} of ${kills.length} kills with between 5 % and 95 % of the bytes committed`)
  if (within < MOST * kills.length) throw new Error(`only ${within} of ${kills.length} kills lay between 5 % and 95 % of the bytes: try again, the machine was too uneven`)
}

const checkLedgers = (total, expected) => {
  console.log(`total: ${JSON.stringify(total)}`)
  if (!isDeepStrictEqual(total, expected)) throw new Error(`the ledger is not that of the undisturbed run: ${JSON.stringify(expected)}`)
  if (total.unaccounted !== 0) throw new Error(`unaccounted: ${total.unaccounted}`)
}

/** A gigabyte, undisturbed and killed again and again. */
export const killAgainAndAgain = async ({ trades, kills, seed, folder }) => {
  const day = dayOf(trades)
  console.log(`${day.files.length} files, ${(day.unpackedBytes / 1e9).toFixed(2)} GB unpacked, in ${day.directory}`)
  const argsOf = (db) => ['backfill', day.directory, '--db', db, '--json']
  const [undisturbed, killed] = [join(folder, 'undisturbed.duckdb'), join(folder, 'killed.duckdb')]
  const first = await runCli(argsOf(undisturbed), folder)
  const expected = resultOf(first).total
  console.log(`undisturbed: ${(first.millis / 1_000).toFixed(1)} s, ${(statSync(undisturbed).size / 1e6).toFixed(0)} MB`)
  const run = { args: argsOf(killed), folder, db: killed, bytes: day.unpackedBytes }
  const struck = await killAll(run, momentsOf(kills, seed), new Pace(first.millis * 0.9))
  checkSpread(struck)
  const last = await runCli(run.args, folder)
  const { total, thisRun } = resultOf(last)
  const lived = struck.reduce((sum, { millis }) => sum + millis, last.millis)
  console.log(`resumed to the end: ${(last.millis / 1_000).toFixed(1)} s, ${thisRun.read.toLocaleString('en-US')} records read by it; all runs together ${(lived / 1_000).toFixed(1)} s`)
  checkLedgers(total, expected)
  await compareTables(killed, undisturbed)
}

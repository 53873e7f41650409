import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BAD_KINDS, MARKET_SYMBOLS, randomFaults } from '@millrace/connector-finnhub/testing'
import { resultOf, startCli } from './cli.mjs'
import { ExchangeProcess } from './exchange-process.mjs'
import { liveMoments } from './live-moments.mjs'
import { checkLive } from './live-tables.mjs'

/** Only while somebody is connected, so that a slow machine kills no less of it. */
const FRAMES_PER_SECOND = 500
const MARKET_MILLIS = 480_000

/** Disorder beyond the bound of 3 s, so that some trades are late; every kind of bad data but that of 5 MB. */
const exchangeOptions = (seed) => ({
  market: {
    seed, startMillis: Date.now() - 3_600_000, millis: MARKET_MILLIS, tradesPerSecond: 50, disorderMillis: 9_000, badShare: 0.01,
    badKinds: BAD_KINDS.map(({ kind }) => kind).filter((kind) => !kind.startsWith('huge')),
  },
  pace: { framesPerSecond: FRAMES_PER_SECOND },
  pingEveryFrames: 7,
  // Close together: most come while lives are short, for the longer one lives the longer it waits before it connects again.
  faults: randomFaults(seed, 20, 70),
})

const walBytes = (db) => statSync(`${db}.wal`, { throwIfNoEntry: false })?.size ?? 0

/** Until the log of the database file is written to; it is looked at about each millisecond. */
const untilCheckpoint = async (db, signal) => {
  const before = walBytes(db)
  while (!signal.aborted && walBytes(db) <= before) await sleep(1)
}

const untilMoment = async ({ kind, frames }, { exchange, db }, signal) => {
  if (kind === 'starting') return
  const before = exchange.seen.messages
  await exchange.until(({ messages }) => messages >= before + (kind === 'any time' ? 1 : frames), signal)
  if (kind === 'checkpoint') await untilCheckpoint(db, signal)
}

/** One life. @returns how it went, with what the exchange had sent in it */
const live = async (moment, run) => {
  const before = run.exchange.seen.messages
  const { child, ended } = startCli(run.args, run.folder)
  const over = new AbortController()
  const started = performance.now()
  void ended.finally(() => over.abort())
  await untilMoment(moment, run, over.signal)
  await sleep(moment.delayMillis, undefined, { signal: over.signal }).catch(() => undefined)
  child.kill('SIGKILL')
  const { code, signal, stderr } = await ended
  if (signal !== 'SIGKILL') throw new Error(`the run was to be killed (${moment.kind}), but ended with ${signal ?? code}:\n${stderr}`)
  return { millis: performance.now() - started, sent: run.exchange.seen.messages - before }
}

const killAll = async (run, moments) => {
  console.log('kill  when           lived for  messages sent to it')
  for (const [index, moment] of moments.entries()) {
    const { millis, sent } = await live(moment, run)
    console.log(`${String(index + 1).padStart(4)}  ${moment.kind.padEnd(12)}  ${(millis / 1_000).toFixed(2).padStart(8)} s  ${String(sent).padStart(8)}`)
  }
}

/** All that was found is worth something only if there was enough of everything. */
const checkEnough = ({ stages, gaps, bars, complete, pongs }) => {
  for (const stage of ['finnhub', 'frame', 'trade', 'time of trade', 'ohlcv']) {
    if (!stages.includes(stage)) throw new Error(`stage '${stage}' made no dead letter: the market was too small, or its trades too good`)
  }
  if (gaps === 0 || complete === 0 || complete === bars || pongs === 0) throw new Error('no gaps, no complete bars or no incomplete ones, or no pongs: nothing to compare')
}

const checkAll = async (run, url, last) => {
  const { total } = resultOf(last).stream
  const { sent, pongs } = await run.exchange.report()
  const config = { symbols: [...MARKET_SYMBOLS], db: run.db, journal: run.journal, keepJournal: true, untilClosed: true, url }
  const found = await checkLive({ ...run, config, ledger: total, sent, pongs })
  const { wrong, ...counts } = found
  console.log(`compared with the reference interpreter on the journal's dump: ${JSON.stringify(counts)}`)
  if (wrong.length > 0) throw new Error(`not what the journal says:\n  ${wrong.join('\n  ')}`)
  checkEnough(found)
}

/** A live lane on a simulated exchange, killed again and again, and at last read to its end: exactly what its journal says. */
export const killLiveAgainAndAgain = async ({ kills, seed, folder }) => {
  const exchange = new ExchangeProcess(exchangeOptions(seed), join(folder, 'sent.ndjson'))
  try {
    const url = await exchange.start()
    const [db, journal] = [join(folder, 'live.duckdb'), join(folder, 'journal')]
    const args = ['live', '--symbols', MARKET_SYMBOLS.join(','), '--db', db, '--url', url, '--until-closed', '--journal', journal, '--keep-journal', '--json']
    const run = { exchange, args, folder, db, journal }
    console.log(`${MARKET_MILLIS / 60_000} minutes of a market, ${FRAMES_PER_SECOND} frames a second, with bad data and breaking connections`)
    await killAll(run, liveMoments(kills, seed))
    const last = await startCli(args, folder).ended
    console.log(`resumed to the end: ${(last.millis / 1_000).toFixed(1)} s`)
    await checkAll(run, url, last)
  } finally {
    await exchange.close()
  }
}

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { watch } from './watch.mjs'

const child = join(dirname(fileURLToPath(import.meta.url)), 'market-child.mjs')
const MB = 1e6
const ROWS = 20

const inMb = (bytes) => (bytes / MB).toFixed(1).padStart(6)

/** One row for each part of the market. */
const tellParts = (minutes) => {
  let told = -1
  return ({ phase, minute, rssBytes, duckdbBytes, heapTotal, journalBytes }) => {
    const part = Math.floor((minute * ROWS) / minutes)
    if (phase !== 'reading' || part === told) return
    told = part
    console.log(`  ${minute.toFixed(0).padStart(6)}  ${inMb(rssBytes)}  ${inMb(heapTotal)}  ${inMb(duckdbBytes)}  ${inMb(journalBytes)}`)
  }
}

/** So many minutes of a market, sixty times as fast, through an exchange, a journal and DuckDB; the file is left in the folder. */
export const runMarket = async (minutes, folder) => {
  console.log('  minute  resident  heap  DuckDB  journal   (MB)')
  const run = await watch(['--expose-gc', child, String(minutes), folder], tellParts(minutes))
  const { told, seconds } = run
  if (run.code === 0) console.log(`  ${told.counts.trades.toLocaleString('en-US')} trades in ${seconds.toFixed(0)} s; ${told.cpuSeconds.toFixed(0)} s of CPU`)
  return run
}

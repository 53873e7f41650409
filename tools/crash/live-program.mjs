// The example's live pipeline for the crash driver, with a checkpoint after every batch: all that it keeps is in the folder given, where
// also the URL of its exchange is.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MARKET_SYMBOLS } from '@millrace/connector-finnhub/testing'
import { RefusedError, runLocal } from '@millrace/core'
import { crashInstrumentFromEnv } from '@millrace/core/testing'
import { stream } from '../../examples/stocks/dist/pipeline.js'

export const urlFile = (directory) => join(directory, 'url.txt')
/** The ledger, once the run has ended; `null` if it had ended before it was killed, and said so when it was run again. */
export const ledgerFile = (directory) => join(directory, 'ledger.json')

/** What the program of a folder runs with. */
export const configOf = (directory) => ({
  symbols: [...MARKET_SYMBOLS], db: join(directory, 'live.duckdb'), journal: join(directory, 'journal'), keepJournal: true, untilClosed: true, url: readFileSync(urlFile(directory), 'utf8'),
})

const main = async (directory) => {
  const instrument = crashInstrumentFromEnv()
  const keep = (ledger) => writeFileSync(ledgerFile(directory), JSON.stringify(ledger))
  try {
    keep((await runLocal(stream, configOf(directory), { epochMillis: 0, ...(instrument && { instrument }) }).done).total)
  } catch (error) {
    if (!(error instanceof RefusedError && error._tag === 'Drained')) throw error
    keep(null)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv[2])

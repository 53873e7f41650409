import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateDay } from '../../examples/stocks/dist/generate/day.js'

/** Raised when the generator makes other files of the same options. */
const VERSION = 1

/** A generated day of this many trades, made only if it is not there: some 60 bytes a trade, unpacked. */
export const dayOf = (trades) => {
  const home = join(tmpdir(), 'millrace-crash-days')
  const directory = join(home, `${trades}-${VERSION}`)
  const about = join(home, `${trades}-${VERSION}.json`)
  if (existsSync(about) && existsSync(directory)) return { ...JSON.parse(readFileSync(about, 'utf8')), directory }
  console.log(`Generating ${trades.toLocaleString('en-US')} trades into ${directory} (kept for the next time)…`)
  const making = `${directory}.${process.pid}`
  mkdirSync(home, { recursive: true })
  const day = generateDay({ directory: making, trades })
  rmSync(directory, { recursive: true, force: true })
  renameSync(making, directory)
  writeFileSync(about, JSON.stringify(day))
  return { ...day, directory }
}

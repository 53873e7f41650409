// Kills backfills and live lanes with SIGKILL, and compares what is left with undisturbed runs, or with what the journal says.
// 1. A gigabyte through the real command line, killed twenty times at random moments, resumed each time by the same command.
// 2. A live lane on a simulated exchange, killed twenty times at random moments, and read to its end by the same command.
// 3. Every crash point of the small runs in the tests, not only a sample of them.
// Usage: node tools/crash.mjs [--seed N] [--kills N] [--trades N] [--only big|live|points]
// The generated day is kept in the system's temporary folder. Exit 0: all equal. 1: not. 2: usage.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killAgainAndAgain } from './crash/big.mjs'
import { killLiveAgainAndAgain } from './crash/live.mjs'
import { allCrashPoints } from './crash/points.mjs'

const inFolder = (kill) => async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'))
  await kill({ ...options, folder })
  rmSync(folder, { recursive: true, force: true })
}

const parts = { big: inFolder(killAgainAndAgain), live: inFolder(killLiveAgainAndAgain), points: ({ seed }) => allCrashPoints(seed) }

const readArguments = () => {
  try {
    const { values } = parseArgs({ options: { seed: { type: 'string' }, kills: { type: 'string', default: '20' }, trades: { type: 'string', default: '18000000' }, only: { type: 'string' } } })
    const numbers = { seed: Number(values.seed ?? Date.now() % 1_000_000), kills: Number(values.kills), trades: Number(values.trades) }
    if (Object.values(numbers).every((n) => Number.isSafeInteger(n) && n >= 0) && [undefined, ...Object.keys(parts)].includes(values.only)) return { ...numbers, only: values.only }
  } catch {
    // Told below.
  }
  return undefined
}

const main = async () => {
  const options = readArguments()
  if (options === undefined) {
    console.error('Usage: node tools/crash.mjs [--seed N] [--kills N] [--trades N] [--only big|live|points]')
    process.exitCode = 2
    return
  }
  console.log(`seed ${options.seed} (again with: npm run crash -- --seed ${options.seed})`)
  for (const [name, part] of Object.entries(parts)) if (options.only === undefined || options.only === name) await part(options)
  console.log('All equal.')
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})

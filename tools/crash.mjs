// Kills backfills with SIGKILL and compares what is left with undisturbed runs.
// 1. A gigabyte through the real command line, killed twenty times at random moments, resumed each time by the same command.
// 2. Every crash point of the small runs in the tests, not only a sample of them.
// Usage: node tools/crash.mjs [--seed N] [--kills N] [--trades N] [--only big|points]
// The generated day is kept in the system's temporary folder. Exit 0: all equal. 1: not. 2: usage.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killAgainAndAgain } from './crash/big.mjs'
import { allCrashPoints } from './crash/points.mjs'

const readArguments = () => {
  try {
    const { values } = parseArgs({ options: { seed: { type: 'string' }, kills: { type: 'string', default: '20' }, trades: { type: 'string', default: '18000000' }, only: { type: 'string' } } })
    const numbers = { seed: Number(values.seed ?? Date.now() % 1_000_000), kills: Number(values.kills), trades: Number(values.trades) }
    if (Object.values(numbers).every((n) => Number.isSafeInteger(n) && n >= 0) && [undefined, 'big', 'points'].includes(values.only)) return { ...numbers, only: values.only }
  } catch {
    // Told below.
  }
  return undefined
}

const big = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'))
  try {
    await killAgainAndAgain({ ...options, folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const main = async () => {
  const options = readArguments()
  if (options === undefined) {
    console.error('Usage: node tools/crash.mjs [--seed N] [--kills N] [--trades N] [--only big|points]')
    process.exitCode = 2
    return
  }
  console.log(`seed ${options.seed} (again with: npm run crash -- --seed ${options.seed})`)
  if (options.only !== 'points') await big(options)
  if (options.only !== 'big') await allCrashPoints(options.seed)
  console.log('All equal.')
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})

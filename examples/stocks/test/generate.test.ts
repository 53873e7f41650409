import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isRight } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BAD_TRADES } from '#src/generate/bad-trades.js'
import { filesOfDay, generateDay } from '#src/generate/day.js'
import { Trade } from '#src/trade.js'
import { inTemporaryFolder } from './support/temporary-folder.js'

const test = suite('generate')

const MICROSECONDS_MILLIS = 2e12

const checksum = (folder: string): string => {
  const hash = createHash('sha256')
  for (const file of filesOfDay()) hash.update(file).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

const verdict = (text: string): string => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1')))
  } catch {
    return 'parse'
  }
  const trade = Trade.decode(value)
  if (!isRight(trade)) return 'decode'
  return trade.right.t > MICROSECONDS_MILLIS ? 'eventTime' : 'good'
}

for (const bad of BAD_TRADES) {
  test(`${bad.kind} is stopped by ${bad.stoppedBy}`, () => assert.is(verdict(bad.text('AAPL', Date.UTC(2024, 8, 12, 15))), bad.stoppedBy))
}

test('the same seed gives the same files, another seed others', inTemporaryFolder((folder) => {
  const days = [1, 1, 2].map((seed, i) => generateDay({ directory: join(folder, String(i)), seed, trades: 3_000 }))
  const sums = days.map(({ directory }) => checksum(directory))
  assert.is(sums[0], sums[1])
  assert.is.not(sums[0], sums[2])
  assert.equal(days[0]?.bad, days[1]?.bad)
}))

test('writes exactly the files that it names', inTemporaryFolder((folder) => {
  assert.equal([...generateDay({ directory: folder, trades: 500 }).files].sort(), [...filesOfDay()].sort())
}))

test('even a tiny day holds every kind of bad trade', inTemporaryFolder((folder) => {
  const { bad } = generateDay({ directory: folder, trades: 100 })
  for (const { kind } of BAD_TRADES) assert.ok((bad[kind] ?? 0) >= 1, kind)
}))

// The elements of the files that are whole, found again without the library: by the line breaks, which elements do not hold.
const elementsOf = (path: string): readonly string[] => {
  const bytes = readFileSync(path)
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1').replace(/^\xef\xbb\xbf/, '')
  return text.split(/\r?\n/).map((line) => line.replace(/,$/, '')).filter((line) => line !== '' && line !== '[' && line !== ']')
}

test('counts what it wrote', inTemporaryFolder((folder) => {
  const day = generateDay({ directory: folder, trades: 20_000 })
  const verdicts: Record<string, number> = {}
  const windows = new Set<string>()
  let priceUpdates = 0
  for (const file of day.files.filter((name) => !name.startsWith('broken'))) {
    for (const element of elementsOf(join(folder, file))) {
      const found = verdict(element)
      verdicts[found] = (verdicts[found] ?? 0) + 1
      if (found !== 'good') continue
      const { s, v, t } = JSON.parse(element) as { s: string; v: number; t: number } // as: it was decoded just now
      if (v === 0) priceUpdates += 1
      else windows.add(`${s} ${Math.floor(t / 5_000)}`)
    }
  }
  const planted = BAD_TRADES.reduce((sum, { kind }) => sum + (day.bad[kind] ?? 0), 0)
  const { good = 0, ...bad } = verdicts
  assert.is(Object.values(bad).reduce((sum, count) => sum + count, 0), planted)
  // The broken files hold a few trades more.
  const inBrokenFiles = day.trades + day.priceUpdates - good
  assert.ok(inBrokenFiles > 100 && inBrokenFiles < 250, `${inBrokenFiles}`)
  assert.ok(day.priceUpdates - priceUpdates < 20)
  assert.ok(day.windows >= windows.size && day.windows < windows.size + 200, `${day.windows} ${windows.size}`)
}))

test.run()

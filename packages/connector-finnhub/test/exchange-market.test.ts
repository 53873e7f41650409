import { BAD_KINDS, MARKET_SYMBOLS, type MarketFrame, type MarketOptions, onlySymbols, simulatedMarket } from '@millrace/connector-finnhub/testing'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('exchange: market')

const START = Date.UTC(2024, 8, 12, 13, 30)
const framesOf = (options: MarketOptions): readonly MarketFrame[] => [...simulatedMarket(options)]
const textOf = ({ data }: MarketFrame): string => (typeof data === 'string' ? data : Buffer.from(data).toString('latin1'))
const perSecond = (frames: readonly MarketFrame[], symbol?: string): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const { atMillis, trades } of frames) {
    const second = Math.floor((atMillis - START) / 1_000)
    counts.set(second, (counts.get(second) ?? 0) + trades.filter(({ s }) => symbol === undefined || s === symbol).length)
  }
  return counts
}
const sumOf = (counts: Map<number, number>, from: number, to: number): number => {
  let sum = 0
  for (let second = from; second < to; second++) sum += counts.get(second) ?? 0
  return sum
}

/** The law of a trade, written down once more. */
const isGood = (trade: unknown): boolean => {
  if (typeof trade !== 'object' || trade === null || Array.isArray(trade)) return false
  const own = (key: string): unknown => (Object.hasOwn(trade, key) ? Reflect.get(trade, key) : undefined)
  const [c, p, s, t, v] = ['c', 'p', 's', 't', 'v'].map(own)
  return typeof s === 'string' && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,32}$/u.test(s) && s.trim() === s && s.isWellFormed()
    && typeof p === 'number' && p > 0 && p <= 1e12 && typeof v === 'number' && v >= 0 && v <= 1e15
    && typeof t === 'number' && Number.isInteger(t) && t >= 1e12 && t < 1e14
    && (c === undefined || c === null || (Array.isArray(c) && c.every((each) => typeof each === 'string')))
}

/** How many dead letters the law makes of a frame's text, and how many good trades it finds. */
const judge = (frame: MarketFrame): { readonly bad: number, readonly good: number } => {
  if (frame.binary || !Buffer.from(frame.data as Uint8Array).every(() => true)) return { bad: 1, good: 0 } // as: strings too are taken
  const bytes = Buffer.from(frame.data as string) // as: bytes too are taken
  const text = bytes.toString()
  if (text.includes('\uFFFD')) return { bad: 1, good: 0 }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) return { bad: 1, good: 0 }
    const { type, data } = value as { readonly type: unknown, readonly data?: unknown } // as: both are looked at before use
    if (['ping', 'news', 'pr'].includes(String(type))) return { bad: 0, good: 0 }
    if (type !== 'trade' || !Array.isArray(data)) return { bad: 1, good: 0 }
    const good = data.filter(isGood).length
    return { bad: frame.bad?.includes('nested') === true ? 1 : data.length - good, good }
  } catch {
    return { bad: 1, good: 0 }
  }
}

const anyOptions = fc.record({
  seed: fc.integer(), millis: fc.integer({ min: 1, max: 20_000 }), tradesPerSecond: fc.double({ min: 0.1, max: 300, noNaN: true }),
  tradesPerFrame: fc.double({ min: 1, max: 30, noNaN: true }), disorderMillis: fc.integer({ min: 0, max: 5_000 }),
  badShare: fc.double({ min: 0, max: 0.3, noNaN: true }), symbols: fc.uniqueArray(fc.constantFrom(...MARKET_SYMBOLS, '🚀', 'X'), { minLength: 1 }),
}) satisfies fc.Arbitrary<MarketOptions>

test('no trade is after its frame, or older than the newest by more than the bound; frames are in order; symbols are its own', () =>
  fc.assert(fc.property(anyOptions, (options) => {
    let newest = -Infinity
    let lastAt = START
    for (const { atMillis, trades } of simulatedMarket(options)) {
      assert.ok(atMillis >= lastAt && atMillis < START + options.millis)
      lastAt = atMillis
      for (const { t, s } of trades) {
        assert.ok(t <= atMillis && t >= START)
        newest = Math.max(newest, t)
        assert.ok(newest - t <= options.disorderMillis)
        assert.ok(options.symbols.includes(s))
      }
    }
  }), { numRuns: 150 }))

test('what a frame says of itself is what the law makes of its text', () =>
  fc.assert(fc.property(anyOptions, (options) => {
    for (const frame of simulatedMarket(options)) {
      assert.equal(judge(frame), { bad: frame.bad === undefined ? 0 : 1, good: frame.trades.length }, textOf(frame).slice(0, 300))
    }
  }), { numRuns: 60 }))

test('a frame narrowed to some symbols holds exactly theirs, and what is bad only for those who asked for it', () =>
  fc.assert(fc.property(anyOptions, fc.subarray([...MARKET_SYMBOLS]), (options, wanted) => {
    const symbols = new Set(wanted)
    for (const frame of simulatedMarket({ ...options, symbols: MARKET_SYMBOLS })) {
      const seen = onlySymbols(frame, symbols)
      const trades = frame.trades.filter(({ s }) => symbols.has(s))
      const keepsBad = frame.badTrade === undefined ? frame.bad : symbols.has(frame.badTrade.symbol) ? frame.bad : undefined
      assert.equal(seen?.trades ?? [], trades)
      assert.is(seen?.bad, keepsBad)
      if (seen !== undefined) assert.equal(judge(seen), { bad: keepsBad === undefined ? 0 : 1, good: trades.length })
    }
  }), { numRuns: 60 }))

test('one seed gives one market, to the byte, as often as it is read; another seed another', () => {
  const options = { seed: 11, millis: 30_000, badShare: 0.05 }
  const market = simulatedMarket(options)
  const first = [...market]
  assert.equal([...market], first)
  assert.equal(framesOf(options), first)
  assert.not.equal(framesOf({ ...options, seed: 12 }).map(textOf), first.map(textOf))
})

test('bad data of every kind, each by its share', () => {
  const frames = framesOf({ millis: 120_000, badShare: 0.02 })
  const kinds = new Set(frames.flatMap(({ bad }) => bad ?? []))
  assert.equal([...kinds].sort(), BAD_KINDS.filter(({ onRequest }) => !onRequest).map(({ kind }) => kind).sort())
  const trades = frames.reduce((sum, frame) => sum + frame.trades.length, 0)
  const bad = frames.filter((frame) => frame.bad !== undefined).length
  assert.ok(Math.abs(bad - trades * 0.02) <= 1, `${bad} of ${trades}`)
  assert.is(framesOf({ millis: 60_000, badShare: 0 }).filter((frame) => frame.bad !== undefined).length, 0)
  assert.equal([...new Set(framesOf({ millis: 60_000, badKinds: ['time a day ahead'] }).flatMap(({ bad: kind }) => kind ?? []))], ['time a day ahead'])
})

test('names of bad kinds are each their own', () => assert.is(new Set(BAD_KINDS.map(({ kind }) => kind)).size, BAD_KINDS.length))

test('the keys stand in the order of the real exchange, and conditions come in four forms', () => {
  const good = framesOf({ millis: 30_000 }).filter(({ trades, bad }) => trades.length > 0 && bad === undefined)
  for (const frame of good) assert.match(textOf(frame), /^\{"data":\[(\{("c":(null|\[[^\]]*\]),)?"p":[\d.]+,"s":"[^"]+","t":\d{13},"v":[\d.e-]+\},?)+\],"type":"trade"\}$/)
  const forms = new Set(good.flatMap(({ trades }) => trades.map(({ c }) => (c === undefined ? 'none' : c === null ? 'null' : c.length === 0 ? 'empty' : 'codes'))))
  assert.is(forms.size, 4)
})

test('the texture of a market: bursts, halts, thin stretches, disorder, equal trades, price updates, pings', () => {
  const frames = framesOf({ millis: 600_000, symbols: MARKET_SYMBOLS.slice(0, 20) })
  const counts = perSecond(frames)
  const usual = sumOf(counts, 200, 400) / 200
  assert.ok(sumOf(counts, 0, 5) / 5 > 3 * usual, 'an opening burst')
  assert.ok(sumOf(counts, 595, 600) / 5 > 2 * usual, 'a closing burst')
  const thin = Array.from({ length: 40 }, (_, i) => sumOf(counts, i * 15, i * 15 + 15) / 15).filter((mean) => mean < usual / 5)
  assert.ok(thin.length > 0, 'thin stretches')
  const first = perSecond(frames, 'AAPL')
  const halts = Array.from({ length: 40 }, (_, i) => i).filter((i) => sumOf(first, i * 15, i * 15 + 15) === 0 && sumOf(counts, i * 15, i * 15 + 15) > 200)
  assert.ok(halts.length > 0, 'halts of AAPL while others trade')
  const trades = frames.flatMap((frame) => frame.trades)
  assert.ok(trades.some(({ t }, i) => i > 0 && t < (trades[i - 1]?.t ?? 0) - 1_000), 'disorder of more than a second')
  assert.ok(frames.some((frame) => frame.trades.length > 3 && frame.trades.every(({ t }, i) => i === 0 || t <= (frame.trades[i - 1]?.t ?? 0)) && (frame.trades[0]?.t ?? 0) > (frame.trades.at(-1)?.t ?? 0)), 'a frame newest first')
  assert.ok(trades.length - new Set(trades.map((trade) => JSON.stringify(trade))).size > trades.length / 10, 'equal trades')
  assert.ok(trades.some(({ v }) => v === 0), 'price updates')
  assert.ok(frames.some((frame) => new Set(frame.trades.map(({ s }) => s)).size > 2), 'several symbols a frame')
  assert.is(frames.filter((frame) => frame.data === '{"type":"ping"}').length, 9)
})

test('a market without an end begins with trades, and can be left', () => {
  let trades = 0
  for (const frame of simulatedMarket({ millis: Infinity, tradesPerSecond: 5 })) {
    trades += frame.trades.length
    if (frame.atMillis > START + 120_000) break
  }
  assert.ok(trades > 300)
})

test('it is cheap: 200,000 trades a second and more', () => {
  const started = process.cpuUsage()
  let trades = 0
  for (const frame of simulatedMarket({ millis: 40_000, tradesPerSecond: 5_000, tradesPerFrame: 10 })) trades += frame.trades.length
  const { user } = process.cpuUsage(started)
  const rate = trades / (user / 1e6)
  // A third of what is asked for: other programs share the machine.
  assert.ok(rate > 70_000, `${Math.round(rate)} trades a second of processor time`)
  process.stdout.write(`${Math.round(rate)} trades a second of processor time\n`)
})

test.run()

// What is generated is what it says it is, and what is found out of samples is right.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { badObjects } from './bad-objects.mjs'
import { generatedStore } from './generated-store.mjs'
import { goodObjects, oneArray } from './good-objects.mjs'
import { fittedLine, marketChecks, riseOf } from './market-verdict.mjs'
import { checksOf, growthOf, Parts } from './verdict.mjs'

const test = suite('soak')

const contentOf = async (store, object, fromByte = 0) => {
  const chunks = []
  for await (const chunk of store.open(object, fromByte)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('an object is a valid array of as many trades as it says, over 100,000 windows in all', async () => {
  const { objects, good, bars } = oneArray(2e6)
  const trades = JSON.parse(String(await contentOf(generatedStore(objects), objects[0])))
  assert.is(trades.length, good)
  assert.is(new Set(trades.map(({ s, t }) => `${s} ${Math.floor(t / 5_000)}`)).size, bars)
  assert.ok(trades.some(({ t }, index) => index > 0 && t < trades[index - 1].t), 'none is out of order')
  assert.is(goodObjects(1e6).bars, 100_000)
})

test('reading from a byte gives what reading from the start gives there, in chunks of their own', async () => {
  const { objects } = badObjects(1e6)
  const store = generatedStore(objects)
  const [{ sizeBytes }] = await store.list()
  const whole = await contentOf(store, objects[0])
  assert.is(whole.length, sizeBytes)
  for (const from of [1, 262_000, 20_000_003, sizeBytes - 1]) assert.ok((await contentOf(store, objects[0], from)).equals(whole.subarray(from)))
  whole.fill(0)
  assert.is((await contentOf(store, objects[0])).subarray(0, 4).toString('latin1'), '[[[[')
})

const sample = (jsonBytes, rssBytes, phase = 'reading') => ({ jsonBytes, rssBytes, highBytes: rssBytes, phase })

test('growth is from the first GB to the last, and parts are told in order', () => {
  const samples = [sample(0, 9, 'starting'), sample(1e8, 100), sample(9e8, 90), sample(5e9, 500), sample(9.5e9, 130), sample(1e10, 999, 'firing')]
  assert.is(growthOf(samples, 1e10), 30)
  const told = []
  const parts = new Parts(1e9, ({ part, most }) => told.push([part, most]))
  samples.forEach((one) => parts.add(one))
  parts.end()
  assert.equal(told, [['starting', 9], [0, 100], [5, 500], [9, 130], ['firing', 999]])
})

test('a limit that is broken, growth that nobody saw and a missing row are all seen', () => {
  const told = { jsonBytes: 1e10, peakBytes: 401, unaccounted: 0, expected: { good: 5 } }
  const verdicts = (run, found) => checksOf({ peakBytes: 400, growthBytes: 50 }, run, found).map(({ ok }) => ok)
  const samples = [sample(1, 100), sample(1e10, 140)]
  assert.equal(verdicts({ samples, told: { ...told, peakBytes: 400 } }, { good: 5 }), [true, true, true, true])
  assert.equal(verdicts({ samples, told }, { good: 5 }), [false, true, true, true])
  assert.equal(verdicts({ samples: [], told }, { good: 4 }), [false, false, false, true])
  assert.equal(verdicts({ samples: [sample(1, 100), sample(1e10, 151)], told: { ...told, peakBytes: 0, unaccounted: 1 } }, { good: 5 }), [true, false, true, false])
})

test('the line through samples is the nearest one, and its rise is that of the second half, beside what DuckDB holds', () => {
  assert.equal(fittedLine([0, 1, 2, 3], [1, 3, 5, 7]), { slope: 2, deviation: 0 })
  assert.equal(fittedLine([0, 1, 2, 3], [1, -1, -1, 1]), { slope: 0, deviation: 1 })
  const samples = Array.from({ length: 61 }, (_, minute) => ({ phase: 'reading', minute, rssBytes: (minute > 30 ? 100 + minute : 0) + 7 * minute, duckdbBytes: 7 * minute }))
  assert.is(Math.round(riseOf(samples).rise), 29)
})

test('a market that leaks, hoards its journal or loses a trade is seen', () => {
  const market = (bytesAMinute, journalBytes = 1e7) =>
    Array.from({ length: 600 }, (_, i) => ({ phase: 'reading', minute: i / 10, rssBytes: 1.5e8 + (i % 7) * 1e6 + (i / 10) * bytesAMinute, duckdbBytes: 1e7, journalBytes }))
  const told = { counts: { messages: 9, trades: 8, bad: 2 }, total: { read: 9, delivered: { bars: 4 }, unaccounted: 0 } }
  const broken = (samples, found) => marketChecks({ samples, told }, found).flatMap(({ ok }, i) => (ok ? [] : [i]))
  const right = { good: 8, bars: 4, bad: 2 }
  assert.equal(broken(market(0), right), [])
  // 16 bytes for each of 24,000 trades a minute.
  assert.equal(broken(market(16 * 24_000), right), [0])
  assert.equal(broken(market(0, 1e8), right), [2])
  assert.equal(broken(market(0), { ...right, good: 7, bad: 3 }), [4, 6])
  assert.equal(broken([], right), [0])
})

test.run()

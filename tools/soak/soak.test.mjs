// What is generated is what it says it is, and what is found out of samples is right.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { badObjects } from './bad-objects.mjs'
import { generatedStore } from './generated-store.mjs'
import { goodObjects, oneArray } from './good-objects.mjs'
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

test.run()

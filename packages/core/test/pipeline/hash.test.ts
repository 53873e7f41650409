import type { WatermarkPolicy } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan, type Plan } from '#src/pipeline/define.js'
import { graphDifference } from '#src/pipeline/hash.js'
import { planFor, sink, sketch, source } from './sketch.js'

const test = suite('graph hash')

// Not to be edited lightly: another value here means that no checkpoint of before can be resumed.
const pinned = '53f5e6aa089acaac30ff3f412e80b56e5cded7e46af36f3116a98965062a667a'

test('a small pipeline has the hash that it always had', () => {
  assert.is(sketch().graphHash, pinned)
  assert.is(sketch().version, pinned.slice(0, 12))
})

test('functions do not count', () => {
  assert.is(sketch({ filter: ({ symbol }) => symbol !== 'A' }).graphHash, sketch().graphHash)
})

test('the order in which options were written down does not count', () => {
  const plan = (policy: WatermarkPolicy): Plan =>
    planFor((p) => p.read('in', source).eventTime('time', ({ time }) => time, policy).write('out', sink))
  assert.is(plan({ boundMillis: 1, maxJumpMillis: 2 }).graphHash, plan({ maxJumpMillis: 2, boundMillis: 1 }).graphHash)
})

test('names and options count', () => {
  const hashes = [sketch(), sketch({ filterName: 'bought' }), sketch({ boundMillis: 1 }), sketch({ sizeMillis: 2_000 })].map((plan) => plan.graphHash)
  assert.is(new Set(hashes).size, 4)
})

const difference = (before: Parameters<typeof sketch>[0], after: Parameters<typeof sketch>[0]): string =>
  graphDifference(describePlan(sketch(before)), describePlan(sketch(after)))

test('equal graphs do not differ', () => {
  assert.is(difference({}, {}), '')
})

test('a changed option is told by the name of its stage', () => {
  assert.is(difference({}, { sizeMillis: 2_000 }), "changed 'bars'")
  assert.is(difference({}, { sizeMillis: 2_000, boundMillis: 3 }), "changed 'time', 'bars'")
})

test('a renamed stage is one removed, one added, and a change of what reads it', () => {
  assert.is(difference({}, { filterName: 'bought' }), "removed 'sold'; added 'bought'; changed 'time'")
})

test('stages that were added or removed are listed', () => {
  const all = describePlan(sketch())
  const without = all.filter((stage) => !stage.includes('"out"'))
  assert.is(graphDifference(without, all), "added 'out'")
  assert.is(graphDifference(all, without), "removed 'out'")
})

test.run()

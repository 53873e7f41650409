import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine, compareElements, type Envelope } from '@millrace/core'
import { element, foldInSomeOrder, seeds } from './random-fold.js'

const test = suite('combine.first, last')
const first = combine.first((x: number) => x)
const last = combine.last((x: number) => x)

// Few different times, partitions, positions and paths: ties at every level.
const position = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 2 })),
  fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 1 })),
  fc.tuple(fc.integer({ min: 0, max: 1 }), fc.constantFrom('a', 'b')),
)
const place = fc.record({
  eventTimeMillis: fc.integer({ min: -1, max: 1 }),
  partition: fc.constantFrom('', 'p', 'q'),
  position,
  path: fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
})
type Place = typeof place extends fc.Arbitrary<infer P> ? P : never

const elementAt = ({ eventTimeMillis, partition, position, path }: Place, value: number): Envelope<number> => ({
  ...element(value),
  origin: { source: 'test', partition, position },
  path,
  eventTimeMillis,
})
const elements = fc
  .uniqueArray(place, { minLength: 1, maxLength: 20, selector: (p) => JSON.stringify(p) })
  .map((places) => places.map((p, i) => elementAt(p, i)))

test('are the ends of the elements in their order, in every order of adding and merging', () => {
  const property = fc.property(elements, seeds, (all, seed) => {
    const sorted = [...all].sort(compareElements)
    assert.is(foldInSomeOrder(first, all, seed), sorted[0]?.value)
    assert.is(foldInSomeOrder(last, all, seed), sorted.at(-1)?.value)
  })
  fc.assert(property, { numRuns: 3_000 })
})

test('keep a copy of what the envelope showed, not the envelope', () => {
  const view = { ...element(1), eventTimeMillis: 5 }
  const acc = last.add(last.create(), view)
  Object.assign(view, {
    value: 2,
    eventTimeMillis: 9,
    origin: { source: '', partition: 'z', position: [9] },
    path: [9],
  })
  assert.equal(acc, { v: 1, t: 5, partition: 'p', position: [0], path: [] })
})

test('ask for origin and path only when they decide or are kept', () => {
  let asked = 0
  const at = (eventTimeMillis: number): Envelope<number> => ({
    ...element(0),
    eventTimeMillis,
    get origin() {
      asked++
      return element(0).origin
    },
  })
  const acc = first.add(first.create(), at(5))
  assert.is(asked, 1)
  first.add(acc, at(6))
  assert.is(asked, 1)
  first.add(acc, at(5))
  assert.is(asked, 2)
})

test('elements at any time are kept, infinities included', () => {
  for (const eventTimeMillis of [-Infinity, 0, Infinity]) {
    for (const c of [first, last]) assert.is(c.extract(c.add(c.create(), { ...element(7), eventTimeMillis })), 7)
  }
})

test('a kept null is a value, -0 is 0, nothing throws', () => {
  const kept = combine.first((x: number): number | null => (x === 0 ? x : null))
  assert.is(kept.extract(kept.add(kept.create(), element(1))), null)
  assert.ok(Object.is(kept.extract(kept.add(kept.create(), element(-0))), 0))
  assert.throws(() => first.extract(first.create()), /there is no first of no elements/)
  assert.throws(() => last.extract(last.create()), /there is no last of no elements/)
})

test('call the function for every element, so that what it throws does not depend on the order', () => {
  const picky = combine.first((x: number) => {
    if (x === 13) throw new Error('unlucky')
    return x
  })
  const acc = picky.add(picky.create(), { ...element(1), eventTimeMillis: 1 })
  assert.throws(() => picky.add(acc, { ...element(13), eventTimeMillis: 2 }), /unlucky/)
  assert.is(picky.extract(acc), 1)
})

test('refuse at once what can never be data', () => {
  for (const bad of [undefined, () => 1, Symbol('s'), 1n]) {
    const c = combine.last(() => bad)
    assert.throws(() => c.add(c.create(), element(1)), /combine last: its function gave .* it must give data/)
  }
})

test.run()

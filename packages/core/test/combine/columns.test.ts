import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine, compareElements, type Combine, type Data } from '@millrace/core'
import { packData, unpackData } from '#src/codec/data.js'
import { columnsOf, type Columns } from '#src/combine/columns.js'
import { offsetOf, Slab, stepOf, type PlacedElement } from '#src/combine/slab.js'
import type { AnyCombine } from '#src/combine/struct-plan.js'
import { element } from './random-fold.js'

const test = suite('columns of a combine')
const self = (x: number): number => x

const bar = combine.struct({
  open: combine.first(self),
  high: combine.max(self),
  low: combine.min(self),
  close: combine.last(self),
  n: combine.count<number>(),
  inner: combine.struct({ total: combine.sum(self), 'odd "name"\u2028': combine.mean(self) }),
  text: combine.last((x: number) => `is ${x}`),
})

const columnsFor = (of: AnyCombine): Columns => {
  const columns = columnsOf(of)
  if (columns === undefined) throw new Error('no columns')
  return columns
}

const bits = (value: unknown): string => JSON.stringify(value, (_, v: unknown) => (typeof v === 'number' ? (Object.is(v, -0) ? '-0' : String(v)) : v))

/** Elements of few places and times, so that ties are common: of two partitions, positions of one or more parts, paths of any length. */
const placed: fc.Arbitrary<PlacedElement> = fc
  .record({
    value: fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(-0, 5e-324, 2 ** 53, 1e308, -1e308)),
    eventTimeMillis: fc.integer({ min: 0, max: 2 }),
    partition: fc.constantFrom('p', 'q'),
    position: fc.oneof(fc.tuple(fc.integer({ min: 0, max: 2 })), fc.tuple(fc.constantFrom('a', 'b')), fc.tuple(fc.nat(2), fc.nat(2))),
    path: fc.array(fc.nat(2), { maxLength: 2 }),
  })
  .map(({ value, eventTimeMillis, partition, position, path }) => ({
    ...element(value), eventTimeMillis, path, partition, origin: { source: 's', partition, position }, offset: offsetOf(position), step: stepOf(path),
  }))

const elements = fc.uniqueArray(placed, { minLength: 1, maxLength: 12, comparator: (a, b) => compareElements(a, b) === 0 })

/** As a checkpoint would. */
const saved = (acc: unknown): unknown => unpackData(packData(acc as Data)) // as: accumulators are Data

for (const [name, of] of Object.entries({ struct: bar, sum: combine.sum(self), count: combine.count<number>(), mean: combine.mean(self), last: combine.last(self) }) as [string, AnyCombine][]) {
  test(`${name}: adds as the combine itself, to the bit, in rows that were used before, and through checkpoints`, () => {
    const columns = columnsFor(of)
    const slab = new Slab()
    slab.resize(3 * columns.slots)
    const base = columns.slots
    const property = fc.property(elements, fc.nat(12), (all, saveAt) => {
      let expected = of.create() as unknown
      columns.create(slab, base)
      for (let at = base; at < base + columns.slots; at++) slab.odd.delete(at)
      for (const [i, each] of all.entries()) {
        expected = of.add(expected, each)
        columns.add(slab, base, each)
        if (i === saveAt) {
          const acc = saved(columns.read(slab, base))
          columns.create(slab, base)
          columns.write(slab, base, acc)
        }
        assert.is(bits(columns.read(slab, base)), bits(expected))
      }
      assert.is(bits(of.extract(columns.read(slab, base))), bits(of.extract(expected)))
    })
    fc.assert(property, { numRuns: 1_000 })
    assert.equal([...slab.numbers.subarray(0, base)], Array<number>(base).fill(0), 'the row before is untouched')
    assert.equal([...slab.numbers.subarray(base + columns.slots)], Array<number>(columns.slots).fill(0), 'the row after as well')
  })
}

test('an element that is bad for any part changes nothing', () => {
  const picky = combine.struct({ n: combine.count<number>(), last: combine.last(self), sum: combine.sum((x: number) => (x === 7 ? ('7' as unknown as number) : x)) }) // unchecked input
  const columns = columnsFor(picky)
  const slab = new Slab()
  slab.resize(columns.slots)
  columns.create(slab, 0)
  const at = (value: number): PlacedElement => ({ ...element(value), partition: 'p', offset: 0, step: -1 })
  columns.add(slab, 0, at(1))
  const before = bits(columns.read(slab, 0))
  assert.throws(() => columns.add(slab, 0, at(7)), /combine sum: sum: its function gave "7" \(string\); it must give a number/)
  assert.is(bits(columns.read(slab, 0)), before)
})

test('what is not made of built-ins alone has none', () => {
  const own: Combine<number, number, number> = { create: () => 0, add: (acc) => acc + 1, merge: (a, b) => a + b, extract: (acc) => acc }
  assert.is(columnsOf(own), undefined)
  assert.is(columnsOf(combine.struct({ n: combine.count(), inner: combine.struct({ own }) })), undefined)
  assert.is(columnsOf({ ...combine.count<number>() }), undefined, 'a copy of a built-in may have been changed')
})

test('nor has anything where code generation is forbidden', () => {
  const program = `
    import { combine } from '@millrace/core'
    import { columnsOf } from '#src/combine/columns.js'
    process.stdout.write(String(columnsOf(combine.count())))`
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', program]
  assert.is(execFileSync(process.execPath, flags, { encoding: 'utf8', cwd: import.meta.dirname, timeout: 30_000 }), 'undefined')
})

test.run()

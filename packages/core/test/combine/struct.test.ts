import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine, type Combine, type Envelope } from '@millrace/core'
import { loopStruct } from '#src/combine/struct-loop.js'
import { planStruct, type AnyCombine } from '#src/combine/struct-plan.js'
import { element, foldInSomeOrder, numbers, seeds } from './random-fold.js'

const test = suite('combine.struct')
const self = (x: number): number => x

// One's own: the set of remainders, whose add changes its accumulator.
const remaindersOf = (divisor: number, unlucky: number): Combine<number, number[], string> => ({
  create: () => [],
  add: (acc, { value }) => {
    const remainder = Math.abs(Math.trunc(value)) % divisor
    if (value === unlucky) throw new Error('unlucky')
    if (!acc.includes(remainder)) acc.push(remainder)
    return acc
  },
  merge: (a, b) => [...new Set([...a, ...b])],
  extract: (acc) => [...acc].sort().join(),
})
const remainders = remaindersOf(3, 13)
const others = remaindersOf(7, 17)

const parts = {
  z: combine.first(self),
  high: combine.max(self),
  low: combine.min(self),
  a: combine.last(self),
  n: combine.count<number>(),
  inner: combine.struct({ total: combine.sum(self), 'odd "name"\u2028': combine.mean(self), r: remainders }),
  r2: others,
  text: combine.last((x: number) => `is ${x}`),
}
const compiled = combine.struct(parts)
const looped: AnyCombine = loopStruct(parts, planStruct(parts))

const alone = (elements: readonly Envelope<number>[], seed: number): unknown => {
  const of = <Acc, B>(c: Combine<number, Acc, B>): B => foldInSomeOrder(c, elements, seed)
  const inner = { total: of(combine.sum(self)), 'odd "name"\u2028': of(combine.mean(self)), r: of(remainders) }
  return {
    z: of(parts.z),
    high: of(parts.high),
    low: of(parts.low),
    a: of(parts.a),
    n: of(parts.n),
    inner,
    r2: of(others),
    text: of(parts.text),
  }
}
const bits = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'number' ? (Object.is(v, -0) ? '-0' : String(v)) : v))
const usable = fc
  .tuple(fc.integer(), numbers)
  .map(([x, xs]) => [x, ...xs].filter((each) => each !== 13 && each !== 17).map((each, i) => element(each, i)))
  .filter((xs) => xs.length > 0)

test('is its parts, each alone, under their names, as code and as loops', () => {
  const property = fc.property(usable, seeds, seeds, (elements, seed, other) => {
    const expected = bits(alone(elements, other))
    assert.is(bits(foldInSomeOrder(compiled, elements, seed)), expected)
    assert.is(bits(foldInSomeOrder(looped, elements, seed)), expected)
  })
  fc.assert(property, { numRuns: 500 })
})

test('gives names in the order written', () => {
  const acc = compiled.add(compiled.create(), element(1))
  assert.equal(Object.keys(compiled.extract(acc)), ['z', 'high', 'low', 'a', 'n', 'inner', 'r2', 'text'])
})

test('an element that is bad for any part is added to none', () => {
  const picky =
    (bad: number) =>
    (x: number): number => {
      if (x === bad) throw new Error(`bad for ${bad}`)
      return x
    }
  const own = {
    count: combine.count<number>(),
    sum: combine.sum(picky(21)),
    inner: combine.struct({ n: combine.count<number>(), last: combine.last(picky(22)), r: remainders }),
    r: others,
    late: combine.max(picky(23)),
  }
  for (const c of [combine.struct(own), loopStruct(own, planStruct(own))] as AnyCombine[]) {
    const acc = c.add(c.add(c.create(), element(4)), element(7))
    const before = structuredClone(acc)
    for (const bad of [13, 17, 21, 22, 23]) {
      assert.throws(() => c.add(acc, element(bad)))
      assert.equal(acc, before)
    }
  }
})

test('names the part that got something else than a number', () => {
  const c = combine.struct({ bar: combine.struct({ volume: combine.sum((x: { v: number }) => x.v) }) })
  const bad = { v: '5' } as unknown as { v: number } // unchecked input
  assert.throws(
    () => c.add(c.create(), element(bad)),
    /combine bar\.volume: sum: its function gave "5" \(string\); it must give a number/,
  )
  const looped = loopStruct(
    { volume: combine.sum((x: { v: number }) => x.v) },
    planStruct({ volume: combine.sum((x: { v: number }) => x.v) }),
  )
  assert.throws(() => looped.add(looped.create(), element(bad)), /combine volume: sum: its function gave "5"/)
})

test('uses the changed copy of a built-in as it is written', () => {
  const built = combine.count<number>()
  const twice: Combine<number, number, number> = { ...built, add: (acc) => acc + 2 }
  const c = combine.struct({ twice })
  assert.equal(c.extract(c.add(c.create(), element(1))), { twice: 2 })
})

test('calls methods of a part that is an instance of a class', () => {
  class Longest implements Combine<string, number, number> {
    readonly least = 3
    create(): number {
      return this.least
    }
    add(acc: number, { value }: Envelope<string>): number {
      return Math.max(acc, value.length, this.least)
    }
    merge(a: number, b: number): number {
      return Math.max(a, b, this.least)
    }
    extract(acc: number): number {
      return acc + this.least
    }
  }
  const c = combine.struct({ longest: new Longest() })
  assert.equal(c.extract(c.merge(c.add(c.create(), element('abcd')), c.create())), { longest: 7 })
})

test('has a kind for the graph: names sorted, strange names quoted', () => {
  assert.is(combine.struct({ high: combine.max(self), close: combine.last(self) }).kind, 'struct{close:last,high:max}')
  assert.is(
    compiled.kind,
    'struct{a:last,high:max,inner:struct{"odd \\"name\\"\u2028":mean,r:custom,total:sum},low:min,n:count,r2:custom,text:last,z:first}',
  )
})

test('takes names of Object.prototype, and refuses __proto__', () => {
  const c = combine.struct({ constructor: combine.count<number>(), toString: combine.max(self) })
  assert.equal({ ...c.extract(c.add(c.create(), element(2))) }, { constructor: 1, toString: 2 })
  assert.throws(() => combine.struct({ ['__proto__']: combine.count() }), /cannot be named "__proto__"/)
  assert.throws(() => combine.struct({ __proto__: combine.count() } as never), /own properties of one plain object/) // what it sets is the prototype
  assert.throws(() => combine.struct({ high: 5 } as never), /part "high" is no combine/) // from JavaScript
})

test('does not change when the object of its parts does', () => {
  const own: Record<string, Combine<number, number, number>> = { n: combine.count<number>() }
  const c = combine.struct(own)
  own['m'] = combine.count<number>()
  assert.equal(c.extract(c.create()), { n: 0 })
})

test.run()

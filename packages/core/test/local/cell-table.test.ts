import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combine, packData, unpackData, type Combine, type Data } from '@millrace/core'
import { offsetOf, stepOf, type PlacedElement } from '#src/combine/slab.js'
import { packCells, unpackCells } from '#src/delivery/cell-columns.js'
import { CellTable } from '#src/local/cell-table.js'
import type { AnyCombine } from '#src/pipeline/stage.js'

const test = suite('cell table')

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void // as: the flag makes it one

/** Of objects and of blocks of numbers. */
const bytesAlive = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const picky = (x: number): number => {
  if (x === 13) throw new Error('unlucky')
  return x
}
const own: Combine<number, number[], number> = { create: () => [], add: (acc, { value }) => [...acc, picky(value)], merge: (a, b) => [...a, ...b], extract: (acc) => acc.length }
const builtIn = { first: combine.first(picky), last: combine.last((x: number) => (x > 50 ? `${x}` : x)), sum: combine.sum(picky), inner: combine.struct({ n: combine.count<number>(), mean: combine.mean(picky) }) }
const combines: Readonly<Record<string, AnyCombine>> = { columns: combine.struct(builtIn), objects: combine.struct({ ...builtIn, own }) }

const element = (value: number, at: number): PlacedElement => {
  const [position, path] = [at % 5 === 0 ? [at, 1] : [at], at % 3 === 0 ? [] : [at % 2]]
  return {
    value, eventTimeMillis: at % 4, path, partition: `p${at % 2}`, origin: { source: 's', partition: `p${at % 2}`, position }, offset: offsetOf(position), step: stepOf(path),
    bornUnderMillis: 0, receivedAtMillis: 0, attributes: undefined,
  }
}

interface Modelled {
  readonly start: number
  readonly key: string
  acc: unknown
  changed: boolean
}

/** The table beside plain objects: what happens to one happens to the other. */
class Twins {
  readonly rows = new Map<number, Modelled>()
  table: CellTable
  #opened = 0

  constructor(readonly of: AnyCombine) {
    this.table = new CellTable(of)
  }

  openRow(): number {
    const [start, key] = [this.#opened * 10, `k${this.#opened++}`]
    this.table.reserve(1)
    const row = this.table.open(start, key)
    assert.not(this.rows.has(row), 'a row is open once')
    this.rows.set(row, { start, key, acc: this.of.create(), changed: false })
    return row
  }

  add(row: number, each: PlacedElement): void {
    const model = this.rows.get(row) as Modelled // as: it is open
    if (each.value === 13) return assert.throws(() => this.table.add(row, each), /unlucky/)
    this.table.add(row, each)
    model.acc = this.of.add(model.acc, each)
    model.changed = true
  }

  close(row: number): void {
    this.table.close(row)
    this.rows.delete(row)
  }

  takeChanged(): void {
    const changed = [...this.rows].filter(([, { changed }]) => changed).map(([row]) => row)
    assert.equal(this.table.takeChanged().sort((a, b) => a - b), changed.sort((a, b) => a - b))
    for (const model of this.rows.values()) model.changed = false
  }

  /** Through a checkpoint into a new table. */
  restore(): void {
    const saved = this.table.saved([...this.rows.keys()]).slice()
    const cells = unpackCells(unpackData(packData(packCells(saved) as Data)) as readonly Data[]) // as: what was packed is a list
    const models = new Map([...this.rows.values()].map((model) => [model.key, model]))
    this.table = new CellTable(this.of)
    this.rows.clear()
    for (const { start, key, acc } of cells) {
      this.table.reserve(1)
      const row = this.table.open(start, key)
      this.table.restore(row, acc)
      this.rows.set(row, { ...(models.get(key) as Modelled), changed: false }) // as: what was saved was open
    }
  }

  check(): void {
    for (const [row, { start, key, acc }] of this.rows) {
      assert.equal([this.table.startOf(row), this.table.keyOf(row), this.table.read(row)], [start, key, acc])
    }
  }
}

type Step = readonly [what: 'open' | 'add' | 'close' | 'take' | 'restore', which: number, value: number]

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof({ weight: 4, arbitrary: fc.constant('add' as const) }, { weight: 2, arbitrary: fc.constant('open' as const) }, fc.constantFrom('close', 'take', 'restore')),
  fc.nat(1_000), fc.integer({ min: 0, max: 100 }),
)

for (const [name, of] of Object.entries(combines)) {
  test(`${name}: rows opened, closed, used again, saved and restored in any order are what plain objects would be`, () => {
    const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const twins = new Twins(of)
      for (const [i, [what, which, value]] of steps.entries()) {
        const row = [...twins.rows.keys()][which % Math.max(1, twins.rows.size)]
        if (what === 'open' || row === undefined) twins.openRow()
        else if (what === 'add') twins.add(row, element(value, i))
        else if (what === 'close') twins.close(row)
        else if (what === 'take') twins.takeChanged()
        else twins.restore()
        twins.check()
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  test(`${name}: gives memory back when a rush of keys is over, and goes on`, () => {
    const twins = new Twins(of)
    const rush = (): readonly number[] => Array.from({ length: 10_000 }, () => twins.openRow())
    const before = bytesAlive()
    for (const row of rush()) twins.add(row, element(1, row))
    for (const row of [...twins.rows.keys()]) twins.close(row)
    twins.takeChanged()
    assert.ok(bytesAlive() - before < 1_000_000, 'ten thousand rows take megabytes')
    for (const row of rush()) twins.add(row, element(2, row))
    twins.check()
    twins.takeChanged()
  })
}

test('a row whose accumulator cannot be created is not taken', () => {
  let lucky = false
  const table = new CellTable({ ...own, create: () => (lucky ? [] : picky(13)) } as AnyCombine) // as: the type of what is thrown does not matter
  table.reserve(4)
  for (let i = 0; i < 100; i++) assert.throws(() => table.open(0, 'k'))
  lucky = true
  assert.is(table.open(0, 'k'), 0)
})

test('where there is no memory for more rows, those that are there stay right', () => {
  const twins = new Twins(combines['columns'] as AnyCombine) // as: it is one of them
  for (let i = 0; i < 64; i++) twins.add(twins.openRow(), element(i, i))
  assert.throws(() => twins.table.reserve(2 ** 52), /Invalid typed array length|Array buffer allocation failed/)
  twins.check()
  for (let i = 0; i < 64; i++) twins.add(twins.openRow(), element(i, i))
  twins.check()
})

test.run()

import { packData, unpackData, type Data } from '@millrace/core'
import { packCells, unpackCells, type SavedCell } from '#src/delivery/cell-columns.js'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('cells by column')

const roundTrip = (cells: readonly SavedCell[]): SavedCell[] => unpackCells(unpackData(packData(packCells(cells))) as readonly Data[]) // as: what was packed is a list

const byPlace = (a: SavedCell, b: SavedCell): number => a.start - b.start || (a.key < b.key ? -1 : 1)

const leaf = fc.oneof(fc.integer(), fc.double({ noDefaultInfinity: false }).map((x) => x + 0), fc.constantFrom('', 'generated/0001.json', 'x'), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }))
const { acc } = fc.letrec<{ acc: unknown }>((tie) => ({
  acc: fc.oneof({ depthSize: 'small' }, leaf, fc.dictionary(fc.constantFrom('hi', 'lo', 'rest', 'v', 'texts', 'at'), tie('acc'), { noNullPrototype: true })),
}))
const cellsOf = (accs: readonly unknown[]): SavedCell[] => accs.map((one, index) => ({ start: index * 5_000, key: `k${index % 3}`, acc: one }))

test('whatever accumulators hold comes back, of one shape or of many', () => {
  fc.assert(
    fc.property(fc.array(acc, { minLength: 1, maxLength: 20 }), (accs) => {
      const cells = cellsOf(accs)
      assert.equal(roundTrip(cells).sort(byPlace), cells.sort(byPlace))
    }),
    { numRuns: 300 },
  )
})

test('fields come back in their order, which is the order of the first cell', () => {
  const [first, second] = roundTrip(cellsOf([{ b: 1, a: { d: 2, c: 3 } }, { b: 4, a: { d: 5, c: 6 } }]))
  assert.is(JSON.stringify(first?.acc), '{"b":1,"a":{"d":2,"c":3}}')
  assert.is(JSON.stringify(second?.acc), '{"b":4,"a":{"d":5,"c":6}}')
})

test('names of fields and equal texts are packed once', () => {
  const accs = Array.from({ length: 1_000 }, (_, index) => ({ partition: 'folder/of/many/files/0001.json', volume: { highest: index, lowest: 0 } }))
  assert.ok(packData(packCells(cellsOf(accs))).length < 1_000 * 20)
})

test('what is no Data is refused as before: nothing of it is left out silently', () => {
  const odd = [{ n: 1, [Symbol('s')]: 2 }, { n: undefined }, { n: new Map() }, { n: 10n }]
  for (const value of odd) {
    assert.throws(() => packData(packCells(cellsOf([value]))), 'Data')
    assert.throws(() => packData(packCells(cellsOf([{ n: 1 }, value]))), 'Data')
  }
})

test('columns of different lengths are damage', () => {
  assert.throws(() => unpackCells([0, [[0, 5_000], ['a'], [1]], []]), 'cut off')
  assert.throws(() => unpackCells([0, [[0], ['a'], [1]], [1, 'b']]), 'cut off')
})

test.run()

import { comparePositions, type Position } from '@millrace/core'
import { DeadLetterIds } from '#src/dead-letter/id.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('ids of dead letters')

const ids = new DeadLetterIds('pipeline', 'stage')
const idOf = (position: Position, path: readonly number[]): string => ids.of('source', 'partition', position, path)

const offset = fc.oneof(fc.nat(20), fc.maxSafeNat())
const index = fc.oneof(fc.nat(20), fc.nat(2 ** 32 - 1))
const shortPath = fc.array(index, { maxLength: 2 })
const anyPosition = fc.array(fc.oneof(offset, fc.constantFrom(-1, 0.5, 2 ** 53, 'a', '0', '')), { maxLength: 3 })
const anyPath = fc.array(fc.oneof(index, fc.constantFrom(-1, 0.5, 2 ** 32)), { maxLength: 4 })

test('an offset and a short path are written out, and all else is a marked hash', () => {
  const shared = idOf([0], []).slice(0, 16)
  assert.is(idOf([2 ** 53 - 1], []), `${shared}1fffffffffffff`)
  assert.is(idOf([0x12_3456_789a], [2 ** 32 - 1, 17]), `${shared}0000123456789affffffff00000011`)
  assert.match(idOf([7], [1, 2, 3]), /^.{16}00000000000007x[0-9a-f]{16}$/)
  assert.match(idOf([7, 'a'], []), /^.{16}00000000000007x[0-9a-f]{16}$/)
  assert.match(idOf(['a'], [1]), /^.{16}00000000000000x[0-9a-f]{16}$/)
})

test('ids are in the order of offsets, and of the paths of one level', () => {
  fc.assert(
    fc.property(offset, fc.array(index, { minLength: 1, maxLength: 1 }), offset, fc.array(index, { minLength: 1, maxLength: 1 }), (a, pathA, b, pathB) => {
      const [left, right] = [idOf([a], pathA), idOf([b], pathB)]
      assert.is(Math.sign(a - b || comparePositions(pathA, pathB)), left < right ? -1 : left > right ? 1 : 0)
    }),
  )
})

test('elements have one id if they are one, whatever was asked before', () => {
  const element = fc.tuple(fc.constantFrom('a', 'b'), anyPosition, fc.oneof(shortPath, anyPath))
  fc.assert(
    fc.property(fc.array(element, { maxLength: 50 }), (elements) => {
      const byId = new Map(elements.map((one) => [ids.of('source', ...one), JSON.stringify(one)]))
      for (const one of elements) assert.is(byId.get(new DeadLetterIds('pipeline', 'stage').of('source', ...one)), JSON.stringify(one))
    }),
    { numRuns: 500 },
  )
})

test('stages, sources and partitions have ids of their own', () => {
  const other = new DeadLetterIds('pipeline', 'other')
  const made = [idOf([1], [1]), other.of('source', 'partition', [1], [1]), ids.of('source', 'other', [1], [1]), ids.of('other', 'partition', [1], [1])]
  assert.is(new Set(made).size, 4)
})

test.run()

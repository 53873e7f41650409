import { BlobPool } from '#src/delivery/blob-pool.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('memory of blobs')

const blob = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill)

test('copies of one epoch do not overlap, whatever their sizes', () => {
  const pool = new BlobPool()
  for (let epoch = 0; epoch < 3; epoch++) {
    pool.reset()
    const sizes = [10, 600_000, 500_000, 0, 3_000_000, 1, 1_048_576, 7]
    const copies = sizes.map((size, index) => pool.copy(blob(size, index + epoch)))
    copies.forEach((copy, index) => assert.equal(copy, blob(sizes[index] ?? 0, index + epoch)))
  }
})

test('the next epoch takes the same memory again', () => {
  const pool = new BlobPool()
  const { buffer } = pool.copy(blob(1_000, 1))
  assert.ok(pool.copy(blob(1_000, 2)).buffer === buffer)
  pool.reset()
  assert.ok(pool.copy(blob(2_000, 3)).buffer === buffer)
})

test.run()

import type { Data } from '@millrace/core'
import { memoryCheckpoints } from '@millrace/core/testing'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('memoryCheckpoints')

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)

test('gives the last header and the changes since the last reset, also after close', async () => {
  const store = memoryCheckpoints()
  assert.is(await store.read('p'), undefined)
  await store.write('p', { header: 1, reset: false, changes: [bytes(1)] })
  await store.write('p', { header: 2, reset: false, changes: [bytes(2), bytes(3)] })
  await store.write('other', { header: 'other', reset: true, changes: [] })
  await store.close()
  assert.equal(await store.read('p'), { header: 2, changes: [bytes(1), bytes(2), bytes(3)] })
  await store.write('p', { header: 3, reset: true, changes: [bytes(4)] })
  assert.equal(await store.read('p'), { header: 3, changes: [bytes(4)] })
  assert.equal(await store.read('other'), { header: 'other', changes: [] })
  assert.is(store.writes(), 4)
})

test('shares nothing with what was written or read', async () => {
  const store = memoryCheckpoints()
  const header = { list: [1] }
  const change = bytes(1)
  await store.write('p', { header, reset: false, changes: [change] })
  header.list.push(2)
  change[0] = 9
  const first = await store.read('p')
  // Changing what was read must not change what is read next.
  ;(first?.header as { list: number[] }).list.push(3)
  assert.equal(await store.read('p'), { header: { list: [1] }, changes: [bytes(1)] })
})

test('refuses a header that is not Data', async () => {
  const store = memoryCheckpoints()
  // A function is no Data: that is what is tried.
  const header = { hidden: () => 1 } as unknown as Data
  const error = await store.write('p', { header, reset: false, changes: [] }).catch((reason: Error) => reason)
  assert.instance(error, Error)
  assert.is(await store.read('p'), undefined)
})

test.run()

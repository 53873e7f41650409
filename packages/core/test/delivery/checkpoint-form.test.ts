import fc from 'fast-check'
import { ConnectorError, packData, type Data, type StoredCheckpoint } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packChanges, restoreCheckpoint, restoreWindows, type CheckpointHeader, type PartitionProgress, type StateChanges, type WindowLog } from '#src/delivery/checkpoint-form.js'
import { noLedger, record } from './run-records.js'

const test = suite('form of a checkpoint')

const header: CheckpointHeader = { format: 1, graph: ['["read","in"]'], epoch: 7, run: null, counters: { 'stage in': [1, 2] }, tokens: {}, ledger: noLedger }
// as: an interface of Data members is not assignable to an index signature
const asData = (value: unknown): Data => value as Data

const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)
const none: StateChanges = { windows: [], partitions: [], runs: [], removedRuns: [] }
const pack = (changes: Partial<StateChanges>): readonly Uint8Array[] => packChanges({ ...none, ...changes }, copy)
const storedOf = (...changes: readonly Partial<StateChanges>[]): StoredCheckpoint => ({ header: asData(header), changes: changes.flatMap(pack) })

/** What is alive at the end of a log of windows, told by replaying it from its beginning: the plainest way there is. */
const replay = (logs: readonly WindowLog[]): Record<string, unknown> => {
  const alive = new Map<string, { readonly start: number; readonly acc: unknown }>()
  for (const { stage, cells, closed } of logs) {
    for (const [name, { start }] of alive) if (name.startsWith(`${stage} `) && closed.includes(start)) alive.delete(name)
    for (const { start, key, acc } of cells) alive.set(`${stage} ${start} ${key}`, { start, acc })
  }
  return Object.fromEntries([...alive].map(([name, { acc }]) => [name, acc]).toSorted())
}

const windowsOf = (stored: StoredCheckpoint): readonly WindowLog[] => {
  const logs: WindowLog[] = []
  restoreWindows('p', stored, (log) => logs.unshift(log))
  return logs
}

const progress = (more: Partial<PartitionProgress> = {}): PartitionProgress => ({ offset: undefined, ended: false, digest: undefined, watermarks: [], ...more })

const partitionsOf = (stored: StoredCheckpoint): readonly (readonly [string, string, PartitionProgress])[] =>
  [...restoreCheckpoint('p', stored).state.partitions].flatMap(([read, partitions]) => [...partitions].map(([name, at]) => [read, name, at] as const))

test('the header comes back as it was', () => {
  assert.equal(restoreCheckpoint('p', storedOf()).header, header)
})

test('offsets of any Data come back, null and none told apart', () => {
  for (const offset of [undefined, null, 0, '', [], {}, { byte: 2 ** 53, part: ['a', Uint8Array.of(1)] }, Number.NaN, -1.5] satisfies (Data | undefined)[]) {
    const [[, , at] = []] = partitionsOf(storedOf({ partitions: [{ read: 'in', partition: 'a', progress: progress({ offset }) }] }))
    assert.equal(at, progress({ offset }))
  }
})

const double = fc.double().map((n) => (Object.is(n, -0) ? 0 : n))
const ordinary = { noNullPrototype: true }
const coverage = fc.record({ since: fc.option(double), blind: fc.array(fc.tuple(double, double), { maxLength: 3 }) }, ordinary)
const watermark = fc.record({ max: double, floor: double, jumpLeast: double, jumpGreatest: double, jumpCount: fc.nat(), last: double, silentMillis: double, coverage }, ordinary)
const text = fc.string({ unit: 'grapheme', maxLength: 8 })
const data: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    double,
    text,
    fc.array(tie('data'), { maxLength: 3 }),
    fc.dictionary(text.filter((name) => name !== '__proto__'), tie('data'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).data

const anyProgress = fc.record({
  offset: fc.option(data, { nil: undefined }),
  ended: fc.boolean(),
  digest: fc.option(text, { nil: undefined }),
  watermarks: fc.array(fc.tuple(text, watermark), { maxLength: 2 }),
}, ordinary)

test('partitions come back, the last word on each', () => {
  const moves = fc.array(fc.record({ read: fc.constantFrom('in', 'too'), partition: fc.constantFrom('a', 'b', 'c'), progress: anyProgress }), { maxLength: 6 })
  fc.assert(
    fc.property(moves, moves, (first, second) => {
      const expected = new Map([...first, ...second].map((move) => [`${move.read} ${move.partition}`, move.progress]))
      const got = partitionsOf(storedOf({ partitions: first }, { partitions: second }))
      assert.equal(new Map(got.map(([read, name, at]) => [`${read} ${name}`, at])), expected)
    }),
  )
})

const cell = fc.record({ start: fc.integer({ min: -2, max: 3 }).map((n) => n * 1_000), key: fc.constantFrom('', 'a', 'b', 'texts', '__proto__'), acc: data })
const once = (cells: readonly { start: number; key: string; acc: Data }[]): typeof cells => [...new Map(cells.map((one) => [`${one.start} ${one.key}`, one])).values()]
const epoch: fc.Arbitrary<WindowLog> = fc.record({ stage: fc.constantFrom('bars', 'days'), cells: fc.array(cell, { maxLength: 6 }).map(once), closed: fc.array(fc.constantFrom(-1_000, 0, 1_000), { maxLength: 2 }) })

test('windows come back: what was closed is gone, what was opened again since is there', () => {
  fc.assert(
    fc.property(fc.array(epoch, { maxLength: 6 }), (epochs) => {
      const stored = storedOf(...epochs.map((one) => ({ windows: [one] })))
      assert.equal(replay(windowsOf(stored)), replay(epochs))
    }),
    { numRuns: 300 },
  )
})

test('a state of many accumulators goes into several blobs, and is whole', () => {
  const cells = Array.from({ length: 10_000 }, (_, index) => ({ start: index * 1_000, key: `k${index % 7}`, acc: { n: index, sum: { parts: [index] } } }))
  const blobs = pack({ windows: [{ stage: 'bars', cells, closed: [] }] })
  assert.ok(blobs.length > 1)
  assert.equal(windowsOf({ header: asData(header), changes: blobs }).flatMap((log) => log.cells), cells)
})

test('runs come back until they are removed', () => {
  const [one, two] = [record('1', []), record('2', [{ name: 'a', fingerprint: { size: 1 }, digest: 'x' }], { ledger: noLedger, replaces: ['1'], droppedOut: ['b'] })]
  const { runs } = restoreCheckpoint('p', storedOf({ runs: [one] }, { runs: [two], removedRuns: ['1'] })).state
  assert.equal([...runs], [['2', two]])
})

test('an accumulator that is no Data is refused by stage, key and place', () => {
  const cells = [{ start: 0, key: 'good', acc: { n: 1 } }, { start: 0, key: 'bad', acc: { when: new Date(0) } }]
  assert.throws(() => pack({ windows: [{ stage: 'bars', cells, closed: [] }] }), /the accumulator of key "bad" in stage 'bars' has at \/when/)
})

const restoreAll = (stored: StoredCheckpoint): void => {
  restoreCheckpoint('orders', stored)
  restoreWindows('orders', stored, () => undefined)
}

const lossOf = (stored: StoredCheckpoint): string => {
  try {
    restoreAll(stored)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'DataLoss') return error.message
    throw error
  }
  return 'none'
}

test('a header of another format, or cut, is DataLoss that says so', () => {
  const advice = 'Nothing was read or written; restore the store from a copy, or begin in an empty one.'
  assert.is(lossOf({ header: asData({ ...header, format: 2 }), changes: [] }), `the checkpoint of pipeline 'orders' cannot be used: its format is 2, this version reads 1. ${advice}`)
  for (const odd of [null, 1, 'x', [], {}]) assert.match(lossOf({ header: odd, changes: [] }), 'its format is undefined')
  for (const field of ['epoch', 'graph', 'counters', 'tokens', 'ledger']) {
    const { [field as 'epoch']: _, ...rest } = header
    assert.match(lossOf({ header: asData(rest), changes: [] }), 'its header is not whole', field)
  }
})

test('watermarks of before there was silence come back, having heard everything', () => {
  const blob = packData(['p', [['in', 'a', [1], false, null, [['time', 1, 2, 3, 4, 5]]]]])
  const [[, , at] = []] = partitionsOf({ header: storedOf().header, changes: [blob] })
  assert.equal(at?.watermarks, [['time', { max: 1, floor: 2, jumpLeast: 3, jumpGreatest: 4, jumpCount: 5, last: 1, silentMillis: 0, coverage: { since: null, blind: [] } }]])
})

const sample = storedOf({
  windows: [{ stage: 'bars', cells: [{ start: 0, key: 'a', acc: { n: 1 } }, { start: 1, key: 'b', acc: 5 }], closed: [7] }],
  partitions: [{ read: 'in', partition: 'a', progress: progress({ offset: 1, watermarks: [['time', { max: 1, floor: 2, jumpLeast: 3, jumpGreatest: 4, jumpCount: 5, last: 5, silentMillis: 6, coverage: { since: null, blind: [[7, 8]] } }]] }) }],
  runs: [record('1', [])],
  removedRuns: ['0'],
})

test('a log that is cut anywhere is DataLoss', () => {
  assert.is(lossOf(sample), 'none')
  sample.changes.forEach((blob, index) => {
    for (let length = 0; length < blob.length; length++) {
      const message = lossOf({ ...sample, changes: sample.changes.with(index, blob.slice(0, length)) })
      assert.match(message, /^the checkpoint of pipeline 'orders' cannot be used: its log of state is damaged\. Nothing was read/, `blob ${index} cut to ${length} bytes`)
    }
  })
})

test('whatever a damaged log is taken for, nothing but DataLoss is thrown', () => {
  fc.assert(
    fc.property(fc.nat(sample.changes.length - 1), fc.nat(), fc.integer({ min: 0, max: 255 }), (index, at, byte) => {
      const blob = Uint8Array.from(sample.changes[index] ?? [])
      blob[at % blob.length] = byte
      lossOf({ ...sample, changes: sample.changes.with(index, blob) })
    }),
    { numRuns: 2_000 },
  )
})

test.run()

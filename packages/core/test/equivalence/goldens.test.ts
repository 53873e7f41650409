import * as t from 'io-ts'
import { map as rxMap } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fixedWindows, parseJson, type WatermarkPolicy } from '@millrace/core'
import { endOfPartition, memoryRecords, packRecords, memoryBatch } from '#src/testing/memory-entries.js'
import type { ReferenceResult } from '#src/testing/reference.js'
import { batchOf, deadOf, ids, input, interpreted, item, oneByOne, panesOf, unbounded } from './golden-pipelines.js'

const golden = suite('goldens of the reference interpreter')

const tens = fixedWindows({ sizeMillis: 10 })

/** Items → windows of ten → who is in each. */
const windowed = (
  options: Parameters<typeof interpreted<ReturnType<typeof item>['value']>>[0],
  policy: WatermarkPolicy,
  allowedLatenessMillis = 0,
): Promise<ReferenceResult> =>
  interpreted(options, ({ read, sink }) =>
    read()
      .eventTime('time', (x) => x.t, policy)
      .keyBy('by k', (x) => x.k)
      .window(tens, { allowedLatenessMillis })
      .aggregate('tens', ids)
      .write('out', sink()),
  )

const balance = ({ ledger: l }: ReferenceResult): void => {
  const delivered = Object.values(l.delivered).reduce((a, b) => a + b, 0)
  assert.is(l.read + l.made, l.expanded + l.filtered + l.deduplicated + l.aggregated + delivered + l.deadLettered)
}

golden('windows are half-open, also before 1970, and nothing is late in a bounded source', async () => {
  const records = [
    item(1, 'a', 25),
    item(2, 'a', 9),
    item(3, 'a', 10),
    item(4, 'a', -1),
    item(5, 'a', 0),
    item(6, 'b', -10),
  ]
  const result = await windowed(input({ p: oneByOne(records) }), { boundMillis: 0 })
  assert.equal(panesOf(result), [
    ['tens', 'a', 20, 30, '1'],
    ['tens', 'a', 0, 10, '5 2'],
    ['tens', 'a', 10, 20, '3'],
    ['tens', 'a', -10, 0, '4'],
    ['tens', 'b', -10, 0, '6'],
  ])
  assert.equal(deadOf(result), [])
  assert.equal(result.ledger, {
    read: 6,
    made: 5,
    expanded: 0,
    filtered: 0,
    deduplicated: 0,
    aggregated: 6,
    delivered: { out: 5 },
    deadLettered: 0,
  })
})

golden('equal times are ordered by partition, then by position as numbers', async () => {
  const lanes = {
    q: [batchOf([item(2, 'a', 5), item(10, 'a', 5)])],
    p: [batchOf([item(3, 'a', 5)])],
    o: [batchOf([item(99, 'a', 6)])],
  }
  assert.equal(panesOf(await windowed(input(lanes), { boundMillis: 0 })), [['tens', 'a', 0, 10, '3 2 10 99']])
})

golden('late is what was born at or behind the end of its window, by the partition it came from', async () => {
  // Partition p: after 30 its watermark is 30 − 10 = 20, so [10, 20) is over and [20, 30) is not; q knows nothing of that.
  const lanes = { p: oneByOne([item(1, 'a', 30), item(2, 'a', 19), item(3, 'a', 20)]), q: oneByOne([item(4, 'a', 19)]) }
  const result = await windowed(input(lanes, unbounded), { boundMillis: 10 })
  assert.equal(panesOf(result), [
    ['tens', 'a', 30, 40, '1'],
    ['tens', 'a', 20, 30, '3'],
    ['tens', 'a', 10, 20, '4'],
  ])
  assert.equal(deadOf(result), [['window', 'tens', 'in', 'p', [2], []]])
  assert.equal(result.ledger, {
    read: 4,
    made: 3,
    expanded: 0,
    filtered: 0,
    deduplicated: 0,
    aggregated: 3,
    delivered: { out: 3 },
    deadLettered: 1,
  })
})

golden('allowed lateness keeps a window open for so long and no longer', async () => {
  const at = async (watermark: number) =>
    deadOf(
      await windowed(
        input({ p: oneByOne([item(1, 'a', watermark), item(2, 'a', 5)]) }, unbounded),
        { boundMillis: 0 },
        7,
      ),
    ).length
  assert.is(await at(16), 0)
  assert.is(await at(17), 1)
})

golden('the watermark moves behind a record, never inside it', async () => {
  const frames = memoryRecords([[100, 5], [5]])
  const result = await interpreted(input({ p: [batchOf(frames)] }, unbounded), ({ read, sink }) =>
    read()
      .flatMap('each', (times) => times.map((time, index) => ({ id: index, k: 'a', t: time })))
      .eventTime('time', (x) => x.t, { boundMillis: 0 })
      .keyBy('by k', (x) => x.k)
      .window(tens)
      .aggregate('tens', ids)
      .write('out', sink()),
  )
  assert.equal(panesOf(result), [
    ['tens', 'a', 100, 110, '0'],
    ['tens', 'a', 0, 10, '1'],
  ])
  assert.equal(deadOf(result), [['window', 'tens', 'in', 'p', [1], [0]]])
  assert.equal(result.ledger, {
    read: 2,
    made: 5,
    expanded: 2,
    filtered: 0,
    deduplicated: 0,
    aggregated: 2,
    delivered: { out: 2 },
    deadLettered: 1,
  })
})

golden('a floor holds for the batches after its own', async () => {
  const batches = [
    batchOf([item(1, 'a', 0), item(2, 'a', 50)], { floorMillis: 20 }),
    batchOf([item(3, 'a', 19), item(4, 'a', 20)]),
    batchOf([item(5, 'a', 19)], { floorMillis: 7 }),
  ]
  const result = await windowed(input({ p: batches, q: [batchOf([item(6, 'a', 1)])] }), { boundMillis: 0 })
  assert.equal(deadOf(result), [
    ['window', 'tens', 'in', 'p', [3], []],
    ['window', 'tens', 'in', 'p', [5], []],
  ])
})

golden('one wrong clock makes nobody late; three in a row that agree are believed, as their least', async () => {
  const guard = { boundMillis: 0, maxJumpMillis: 100 }
  const late = async (times: readonly number[]) =>
    deadOf(await windowed(input({ p: oneByOne(times.map((time, id) => item(id, 'a', time))) }, unbounded), guard)).map(
      (row) => (row as [...unknown[]])[4],
    )
  assert.equal(await late([0, 5_000, 1, 6_000, 1, 7_000, 1]), [], 'alone')
  assert.equal(await late([0, 100, 1]), [[2]], 'a jump is more than 100')
  assert.equal(await late([0, 101, 102, 1, 103, 104, 1]), [], 'a reset in between')
  assert.equal(await late([0, 250, 201, 230, 199, 1, 209, 230]), [[4], [5]], 'the least of the three')
  assert.equal(await late([0, 200, 400, 500, 1, 210]), [], 'never near each other')
  assert.equal(await late([0, 200, 301, 401, 350, 1]), [[5]], 'a far one begins a new row')
})

golden('implausible times are dead letters and move nothing', async () => {
  const policy = { boundMillis: 0, earliestMillis: -5, maxAheadMillis: 60 }
  const times = [Number.NaN, Number.POSITIVE_INFINITY, -6, 61, -5, 60, 59]
  const result = await windowed(input({ p: oneByOne(times.map((time, id) => item(id, 'a', time))) }, unbounded), policy)
  assert.equal(
    deadOf(result),
    [0, 1, 2, 3]
      .map((id) => ['eventTime', 'time', 'in', 'p', [id], []])
      .concat([['window', 'tens', 'in', 'p', [6], []]]),
  )
})

golden('each stage refuses under its own name, and the neighbours go on', async () => {
  const Line = t.type({ n: t.number })
  const oops = (n: number, at: number): number => {
    if (n === at) throw new Error('oops')
    return n
  }
  const lines = [
    '{"n":1}',
    '{"n":',
    '{"n":"1"}',
    '{"n":2}',
    '{"n":3}',
    '{"n":4}',
    '{"n":5}',
    '{"n":6}',
    Buffer.of(0x22, 0xff, 0x22),
    '\ufeff{"n":9}',
  ]
  const result = await interpreted(
    input({
      p: [
        memoryBatch<Uint8Array>(
          packRecords(lines, { failures: new Map([[0, { _tag: 'Cut', code: 'DataLoss', message: 'cut' }]]) }),
        ),
      ],
    }),
    ({ read, sink }) =>
      read()
        .apply(parseJson)
        .decode('line', Line)
        .map('map', ({ n }) => oops(n, 2))
        .filter('filter', (n) => oops(n, 3) > 0)
        .flatMap('flatMap', function* (n) {
          yield n
          yield oops(n, 4)
        })
        .eventTime('time', (n) => oops(n, 5), { boundMillis: 0 })
        .filter('one', (n) => n !== 6)
        .write('out', sink()),
  )
  assert.equal(
    deadOf(result).map((row) => (row as unknown[]).toSpliced(2, 2)),
    [
      ['read', 'in', [0], []],
      ['parse', 'parse json', [8], []],
      ['parse', 'parse json', [64], []],
      ['parse', 'parse json', [68], []],
      ['decode', 'line', [14], []],
      ['map', 'map', [24], []],
      ['filter', 'filter', [32], []],
      ['flatMap', 'flatMap', [40], []],
      ['eventTime', 'time', [48], [0]],
      ['eventTime', 'time', [48], [1]],
    ],
  )
  assert.equal(result.ledger, {
    read: 10,
    made: 4,
    expanded: 2,
    filtered: 2,
    deduplicated: 0,
    aggregated: 0,
    delivered: { out: 0 },
    deadLettered: 10,
  })
  balance(result)
})

golden('keys are well-formed strings, and what add throws on is left out of its window', async () => {
  const refusing = {
    ...ids,
    add: (acc: number[], e: Parameters<typeof ids.add>[1]) =>
      e.value.id % 2 === 0 ? ids.add(acc, e) : (assert.unreachable('odd') as never),
  }
  const records = [
    item(1, 'a', 0),
    item(2, 'a', 1),
    item(3, 'b', 2),
    { ...item(4, 'a', 3), value: { id: 4, k: 4 as unknown as string, t: 3 } } /* as: from where nobody looked */,
    item(6, 'a\ud800', 4),
  ]
  const result = await interpreted(input({ p: [batchOf(records)] }), ({ read, sink }) =>
    read()
      .eventTime('time', (x) => x.t, { boundMillis: 0 })
      .keyBy('by k', (x) => x.k)
      .window(tens)
      .aggregate('tens', refusing)
      .write('out', sink()),
  )
  assert.equal(panesOf(result), [['tens', 'a', 0, 10, '2']])
  assert.equal(deadOf(result), [
    ['key', 'by k', 'in', 'p', [4], []],
    ['key', 'by k', 'in', 'p', [6], []],
    ['aggregate', 'tens', 'in', 'p', [1], []],
    ['aggregate', 'tens', 'in', 'p', [3], []],
  ])
  assert.equal(result.ledger, {
    read: 5,
    made: 1,
    expanded: 0,
    filtered: 0,
    deduplicated: 0,
    aggregated: 1,
    delivered: { out: 1 },
    deadLettered: 4,
  })
})

golden('a pane whose value cannot be extracted is a dead letter', async () => {
  const speechless = {
    ...ids,
    extract: (acc: number[]) => (acc.length > 1 ? acc.join(' ') : assert.unreachable('alone')),
  }
  const result = await interpreted(
    input({ p: [batchOf([item(1, 'a', 0), item(2, 'b', 1), item(3, 'a', 2)])] }),
    ({ read, sink }) =>
      read()
        .eventTime('time', (x) => x.t, { boundMillis: 0 })
        .keyBy('by k', (x) => x.k)
        .window(tens)
        .aggregate('tens', speechless)
        .write('out', sink()),
  )
  assert.equal(panesOf(result), [['tens', 'a', 0, 10, '1 3']])
  assert.equal(deadOf(result), [['aggregate', 'tens', 'tens', 'b', [0, 10, 0], []]])
  assert.equal(result.ledger, {
    read: 3,
    made: 2,
    expanded: 0,
    filtered: 0,
    deduplicated: 0,
    aggregated: 3,
    delivered: { out: 1 },
    deadLettered: 1,
  })
})

golden('nested flatMaps have one index each in the path', async () => {
  const result = await interpreted(
    input({ p: [batchOf(memoryRecords([[[1, 2], [], [3]]], { position: 7 }))] }),
    ({ read, sink }) =>
      read()
        .flatMap('outer', (lists) => lists)
        .flatMap('inner', (list) => list)
        .map('odd', (n) => (n === 3 || n === 2 ? assert.unreachable('odd') : n))
        .eventTime('time', () => 0, { boundMillis: 0 })
        .write('out', sink()),
  )
  assert.equal(deadOf(result), [
    ['map', 'odd', 'in', 'p', [7], [0, 1]],
    ['map', 'odd', 'in', 'p', [7], [2, 0]],
  ])
  assert.equal(result.ledger, {
    read: 1,
    made: 6,
    expanded: 4,
    filtered: 0,
    deduplicated: 0,
    aggregated: 0,
    delivered: { out: 1 },
    deadLettered: 2,
  })
})

golden('a stage that several read gives each its copy', async () => {
  const result = await interpreted(input({ p: [batchOf(memoryRecords([1, 2, 3]))] }), ({ read, sink }) => {
    const all = read().eventTime('time', (n) => n, { boundMillis: 0 })
    const keyed = all.keyBy('by parity', (n) => (n % 2 === 0 ? 'even' : 'odd'))
    const many = { ...ids, add: (acc: number[], { value }: { value: number }) => [...acc, value] }
    return [
      all.filter('big', (n) => n > 2).write('big out', sink()),
      keyed.window(tens).aggregate('tens', many).write('tens out', sink()),
      keyed
        .window(fixedWindows({ sizeMillis: 2 }))
        .aggregate('twos', many)
        .write('twos out', sink()),
    ]
  })
  assert.equal(panesOf(result), [
    ['tens', 'odd', 0, 10, '1 3'],
    ['tens', 'even', 0, 10, '2'],
    ['twos', 'odd', 0, 2, '1'],
    ['twos', 'even', 2, 4, '2'],
    ['twos', 'odd', 2, 4, '3'],
  ])
  // 3 copies for two branches, 3 more behind the key, 5 panes.
  assert.equal(result.ledger, {
    read: 3,
    made: 11,
    expanded: 0,
    filtered: 2,
    deduplicated: 0,
    aggregated: 6,
    delivered: { 'big out': 1, 'tens out': 2, 'twos out': 3 },
    deadLettered: 0,
  })
})

golden('panes go on as elements just inside their window and are never late', async () => {
  const records = oneByOne([item(1, 'b', 1_000), item(2, 'a', 990), item(3, 'a', 1_000)])
  const result = await interpreted(input({ p: records }, unbounded), ({ read, sink }) =>
    read()
      .eventTime('time', (x) => x.t, { boundMillis: 20 })
      .keyBy('by k', (x) => x.k)
      .window(tens)
      .aggregate('tens', ids)
      .map('bad a', (pane) => {
        if (pane.value === '3') throw new Error('bad')
        return { id: pane.window.endMillis, k: 'all', t: 0 }
      })
      .keyBy('all', (x) => x.k)
      .window(fixedWindows({ sizeMillis: 100 }))
      .aggregate('hundreds', ids)
      .write('out', sink()),
  )
  assert.equal(panesOf(result).slice(3), [
    ['hundreds', 'all', 1_000, 1_100, '1010'],
    ['hundreds', 'all', 900, 1_000, '1000'],
  ])
  assert.equal(deadOf(result), [['map', 'bad a', 'tens', 'a', [1_000, 1_010, 0], []]])
  assert.equal(result.ledger, {
    read: 3,
    made: 5,
    expanded: 0,
    filtered: 0,
    deduplicated: 0,
    aggregated: 5,
    delivered: { out: 2 },
    deadLettered: 1,
  })
})

golden('mapAsync answers per element, through in batches, sinks per row', async () => {
  const result = await interpreted(
    input({ p: [batchOf(memoryRecords([1, 2, 3, 4]))] }),
    ({ read, sink }) =>
      read()
        .eventTime('time', (n) => n, { boundMillis: 0 })
        .mapAsync('later', async (n) => (n === 2 ? Promise.reject(new Error('no')) : n * 10), {
          concurrency: 2,
          timeoutMillis: 1_000,
        })
        .through(
          'twice',
          rxMap(({ envelopes, bytes }) => ({ bytes, envelopes: envelopes.map((e) => ({ ...e, value: e.value + 1 })) })),
        )
        .write('out', sink()),
    { rejects: (_write, value) => value === 31 },
  )
  assert.equal(
    result.sinks.get('out')?.map(({ value }) => value),
    [11, 41],
  )
  assert.equal(deadOf(result), [
    ['mapAsync', 'later', 'in', 'p', [1], []],
    ['sink', 'out', 'in', 'p', [2], []],
  ])
  assert.equal(result.ledger, {
    read: 4,
    made: 3,
    expanded: 3,
    filtered: 0,
    deduplicated: 0,
    aggregated: 0,
    delivered: { out: 2 },
    deadLettered: 2,
  })
})

golden('a pane says where it comes from and whether its input was whole', async () => {
  const one = { p: [batchOf([item(1, 'a', 12)])] }
  const paneOf = async (options: Parameters<typeof windowed>[0]) =>
    (await windowed(options, { boundMillis: 0 })).sinks.get('out')?.[0]
  const pane = {
    key: 'a',
    window: { startMillis: 10, endMillis: 20 },
    timing: 'onTime',
    index: 0,
    isLast: true,
    complete: true,
    value: '1',
  }
  const { value, origin, path, eventTimeMillis, bornUnderMillis, receivedAtMillis } = (await paneOf(input(one))) ?? {}
  assert.equal(value, pane)
  assert.equal(origin, { source: 'tens', partition: 'a', position: [10, 20, 0] })
  assert.equal([path, eventTimeMillis, bornUnderMillis, receivedAtMillis], [[], 19, Number.NEGATIVE_INFINITY, 20])
  assert.equal((await paneOf(input(one, unbounded)))?.value, { ...pane, complete: false })
})

golden('a partition ends where it says so', async () => {
  const result = await windowed(
    input({ p: [batchOf([item(1, 'a', 0)]), endOfPartition, batchOf([item(2, 'a', 0)])] }, unbounded),
    { boundMillis: 0 },
  )
  assert.equal(panesOf(result), [['tens', 'a', 0, 10, '1']])
})

golden.run()

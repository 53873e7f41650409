import type { BatchSpec, Node, PartitionSpec, ReadSpec, RecordSpec, StageSpec } from './case.js'
import type { Dice } from './dice.js'
import { ascending, jumping, type Times } from './random-times.js'

// What happens too seldom where everything is random: sound values, small windows, and many watermarks on the way.

const record = (dice: Dice, index: number, next: Times): RecordSpec => ({
  value: { id: index, k: dice.pick(['a', 'a', 'b']), t: next(), x: dice.int(1, 9) },
  position: [index],
  receivedAtMillis: 0,
})

const batchesOf = (dice: Dice, records: readonly RecordSpec[]): readonly BatchSpec[] => {
  const size = dice.pick([1, 1, 1, 2, 3])
  return Array.from({ length: Math.ceil(records.length / size) }, (_, i) => ({
    records: records.slice(i * size, (i + 1) * size),
  }))
}

const partition = (dice: Dice, name: string, next: Times, ends: boolean): PartitionSpec => {
  const records = dice.list(dice.int(6, 20), (index) => record(dice, index, next))
  return { name, ends, batches: batchesOf(dice, records) }
}

const chain = (stages: readonly (readonly [string, StageSpec])[], ends: readonly Node[] = []): readonly Node[] =>
  stages.reduceRight((next, [name, stage]) => [{ name, stage, next }], ends)

const window = (dice: Dice, sizeMillis: number, latenessMillis: number, combine = 'everybody'): StageSpec => ({
  kind: 'aggregate',
  sizeMillis,
  offsetMillis: dice.pick([0, 3]),
  latenessMillis,
  combine,
  salt: 0,
})

const write = (dice: Dice): StageSpec => ({
  kind: 'write',
  guarantee: dice.pick(['exact', 'idempotent'] as const),
  rejectOneIn: 0,
})

/** Rows of jumps, so many or fewer than are needed to be believed. */
const guarded = (dice: Dice): readonly ReadSpec[] => {
  const policy = {
    boundMillis: dice.pick([0, 5]),
    maxJumpMillis: dice.pick([50, 100]),
    confirmations: dice.pick([2, 3, 3]),
  }
  const next = chain([
    ['time', { kind: 'eventTime', salt: 0, policy }],
    ['key', { kind: 'key', f: 'k', salt: 0 }],
    ['window', window(dice, dice.pick([1, 10]), 0)],
    ['write', write(dice)],
  ])
  const ends = dice.oneIn(2)
  const partitions = ['p', 'q'].slice(dice.int(0, 1)).map((name) => partition(dice, name, jumping(dice, 3), ends))
  return [{ name: 'read', bounded: false, bytes: false, partitions, next }]
}

/** Windows over panes of windows that fire on the way; between them something that takes its time. */
const twoLevels = (dice: Dice): readonly ReadSpec[] => {
  const between: readonly StageSpec[] = dice.pick([
    [],
    [{ kind: 'mapAsync', f: 'soon', salt: 3, concurrency: dice.int(1, 3) }],
    [{ kind: 'through', f: 'stamp', salt: 0 }],
  ])
  const next = chain([
    ['time', { kind: 'eventTime', salt: 0, policy: { boundMillis: dice.pick([0, 5]) } }],
    ['key', { kind: 'key', f: 'k', salt: 0 }],
    ['window', window(dice, dice.pick([1, 5, 10]), dice.pick([0, 1, 10, 30]))],
    ['from pane', { kind: 'map', f: 'fromPane', salt: 0 }],
    ...between.map((stage) => ['between', stage] as const),
    ['key again', { kind: 'key', f: dice.pick(['k', 'constant']), salt: 0 }],
    ['window again', window(dice, dice.pick([5, 10, 20]), dice.pick([0, 0, 10]))],
    ['write', write(dice)],
  ])
  const ends = dice.oneIn(2)
  const partitions = ['p', 'q', 'r'].slice(dice.int(0, 2)).map((name) => partition(dice, name, ascending(dice, 3), ends))
  return [{ name: 'read', bounded: false, bytes: false, partitions, next }]
}

/** Times in which nothing could be heard, and silence. */
const listening = (dice: Dice): readonly ReadSpec[] => {
  const next = chain([
    ['time', { kind: 'eventTime', salt: 0, policy: { boundMillis: dice.pick([0, 3]), idleAfterMillis: 1e9 } }],
    ['key', { kind: 'key', f: 'k', salt: 0 }],
    ['window', window(dice, dice.pick([5, 10]), dice.pick([0, 0, 5]))],
    ['write', write(dice)],
  ])
  const ends = dice.oneIn(2)
  const broken = (spec: PartitionSpec): PartitionSpec => ({
    ...spec,
    batches: spec.batches.map(({ records }) => ({
      records: records.map((one) => ({ ...one, ...(dice.oneIn(8) && { silentMillis: 1e9 + dice.int(1, 12) }) })),
      ...(dice.oneIn(4) && { gap: true as const }),
      ...(dice.oneIn(6) && { silentMillis: 1e9 + dice.int(1, 12) }),
    })),
  })
  const partitions = ['p', 'q'].slice(dice.int(0, 1)).map((name) => broken(partition(dice, name, ascending(dice, 1), ends)))
  return [{ name: 'read', bounded: false, bytes: false, partitions, next }]
}

/** More than go into one joint parse, one batch of panes, one write of rows. */
const large = (dice: Dice): readonly ReadSpec[] => {
  const keys = dice.pick([2, 1_100])
  const text = (index: number): string =>
    dice.oneIn(400)
      ? dice.pick(['{"id":', '{"a":"}', '{"id":1},{"id":2}'])
      : JSON.stringify({ id: index, k: `k${index % keys}`, t: Math.floor(index / 500), x: dice.int(1, 9) })
  const records = dice.list(dice.int(900, 1_400), (index) => ({
    value: text(index),
    position: [index],
    receivedAtMillis: 0,
  }))
  const cut = dice.int(0, records.length)
  const windows = chain([
    ['key', { kind: 'key', f: 'k', salt: 0 }],
    ['window', window(dice, 5, 0, 'sum')],
    ['panes', write(dice)],
  ])
  const next = chain(
    [
      ['parse', { kind: 'parse' }],
      ['time', { kind: 'eventTime', salt: 0, policy: { boundMillis: 1 } }],
    ],
    [...windows, ...chain([['rows', write(dice)]])],
  )
  const partitions = [
    { name: 'p', ends: true, batches: [{ records: records.slice(0, cut) }, { records: records.slice(cut) }] },
  ]
  return [{ name: 'read', bounded: dice.oneIn(2), bytes: true, packedBy: '\n', partitions, next }]
}

/** Reads that are all about one thing. */
export const focusedReads = (dice: Dice): readonly ReadSpec[] =>
  (dice.oneIn(16) ? large : dice.pick([guarded, twoLevels, listening]))(dice)

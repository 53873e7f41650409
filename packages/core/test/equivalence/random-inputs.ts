import type { BatchSpec, PartitionSpec, ReadSpec, RecordSpec } from './case.js'
import type { Dice } from './dice.js'
import { timesOf, type Times } from './random-times.js'

const keys = ['a', 'a', 'b', 'b', 'c', 'B', '', 'a,0', '__proto__', 'constructor', 'é', '😀', 'a\u0000', '10', '9']

/** Sums of these depend on the order of addition unless they are exact. */
const numbers = [1e16, -1e16, 1, 0.1, 0.2, 0.3, 1e-8, 123.456, 1e16, -0, 0, 3, 7.25, 2 ** 53, -1, 1e-300, 0.7]
const hugeNumbers = [1e308, 1.7e308, -1e308, 9e307]

let nextId = 0

const item = (dice: Dice, next: Times): Record<string, unknown> => ({
  id: dice.oneIn(12) ? 7 : nextId++,
  k: dice.pick(keys),
  t: next(),
  x: dice.oneIn(30) ? dice.pick(hugeNumbers) : dice.pick(numbers),
})

const spoil = (dice: Dice, value: Record<string, unknown>): Record<string, unknown> => {
  const field = dice.pick(['id', 'k', 't', 'x'])
  const { [field]: _gone, ...rest } = value
  return dice.oneIn(3) ? rest : { ...value, [field]: dice.pick([null, '12', 'x', '', 5, -3.5, [1], {}, true]) }
}

const valueOf = (dice: Dice, next: Times): unknown => {
  if (dice.oneIn(25)) return dice.pick<unknown>([null, 5, 'text', [], {}, [1, 2], { id: 3 }])
  const value = item(dice, next)
  if (dice.oneIn(10)) return spoil(dice, value)
  if (!dice.oneIn(3)) return value
  return {
    ...value,
    items: dice.list(dice.int(0, 4), () => (dice.oneIn(12) ? spoil(dice, item(dice, next)) : item(dice, next))),
  }
}

/** Neighbours that a joint parse must not take for others. */
const jointTraps = [
  ['{"a":"}', '{","id":1}'],
  ['{"a":"}', '{","id":1}', '{"id":2,"k":"a","t":1,"x":1},{"id":3}'],
  ['{"a":"}', '{","id":1}', '1,2'],
  ['{"id":4}', '{"a":"}', '{","id":1}', '{"id":2},{"id":3}'],
  ['{"a":1,"b":"}', '{":2}', '{"id":9,"k":"a","t":5,"x":1}'],
  ['{"a":[1,}', '{2]}'],
  ['{"id":1]}', '{[}'],
  ['{"id":1}', '{"id":2},{"id":3}', '{"id":4'],
  ['{}', '{},{}'],
  ['{}{}', '{}'],
]

/** Lines that are odd by themselves. */
const oddLines = [
  ['{"id":1,"k":"a"}', '{}'],
  ['{"k":"{"}', '{"k":"}"}'],
  ['{"id":1', '"k":2}'],
  ['{"t":1e400,"id":1,"k":"a","x":1}'],
  ['{"id":1,"id":2,"k":"b","t":3,"x":1}'],
  ['{"__proto__":{"q":1},"id":1}'],
  ['{"t":-0,"id":-0,"k":"a","x":-0}'],
  ['{"a":"\\u007d"}', '{"b":"\\u007b"}'],
  ['', ' ', '{"id":5} '],
  ['\ufeff{"id":1}'],
  ['nul', 'null', 'NaN'],
  ['base64:eyJrIjoi/yJ9', '{"id":1,"k":"a","t":1,"x":1}'],
  ['base64:eyJpZCI6MX0A', 'base64:wyg='],
  ['base64:eyJrIjoiww==', 'base64:qSJ9'],
]

const textsOf = (dice: Dice, next: Times): readonly string[] =>
  dice.oneIn(12) ? dice.pick(dice.pick([jointTraps, oddLines])) : [JSON.stringify(valueOf(dice, next))]

type Positions = (index: number) => readonly (number | string)[]

const positionsOf = (dice: Dice): Positions =>
  dice.pick<Positions>([
    (index) => [index],
    (index) => [index * 5 + 3],
    (index) => [Math.floor(index / 3), index % 3],
    (index) => (index < 4 ? [index] : ['z', index]),
    (index) => [`part ${String(index).padStart(3, '0')}`],
    (index) => [2 ** 40 + index],
  ])

/** Far beyond what any run takes, so that no idle time of the machine's clock comes to it. */
const silences = [1, 5e8, 5e8 + 7, 1e9 + 3, 1e9 + 30]

const record = (dice: Dice, base: number, value: unknown, position: readonly (number | string)[]): RecordSpec => ({
  value,
  position,
  receivedAtMillis: base + dice.int(0, 200),
  ...(dice.oneIn(8) && { attributes: { from: dice.pick(['x', 'y']) } }),
  ...(dice.oneIn(25) && { failed: true as const }),
  ...(dice.oneIn(6) && { silentMillis: dice.pick([...silences]) }),
})

const records = (
  dice: Dice,
  bytes: boolean,
  { base, next }: ReturnType<typeof timesOf>,
  count: number,
): readonly RecordSpec[] => {
  const positionAt = positionsOf(dice)
  const values = dice.list(count, () => (bytes ? textsOf(dice, next) : [valueOf(dice, next)])).flat()
  return values.map((value, index) => record(dice, base, value, positionAt(index)))
}

const batches = (dice: Dice, all: readonly RecordSpec[], base: number, floors: boolean): readonly BatchSpec[] => {
  const cut: BatchSpec[] = []
  // Not many more than a dozen batches: each may be an epoch.
  const most = dice.pick([1, 2, 5, 100]) + Math.floor(all.length / 8)
  for (let at = 0; at < all.length || cut.length === 0;) {
    const size = dice.oneIn(15) ? 0 : dice.int(1, most)
    const floor = floors && dice.oneIn(3) ? { floorMillis: base + dice.int(-50, at * 5) } : {}
    cut.push({ records: all.slice(at, at + size), ...floor, ...(dice.oneIn(40) && { afterError: true as const }), ...(dice.oneIn(20) && { gap: true as const }) })
    at += size
  }
  return cut
}

const partition = (dice: Dice, name: string, bytes: boolean, bounded: boolean, size: number, ends: boolean): PartitionSpec => {
  const times = timesOf(dice)
  const all = records(dice, bytes, times, dice.int(0, size))
  return { name, batches: batches(dice, all, times.base, dice.oneIn(bounded ? 2 : 6)), ends }
}

const partitionNames = ['p', 'q', 'B', 'a', '10', '9', 'é', 'p/1']

/** The input of one read: partitions, batches and records. `size`: about how many records a partition has at most. */
export const randomInput = (dice: Dice, name: string, bytes: boolean, size: number, ends: boolean): Omit<ReadSpec, 'next'> => {
  nextId = 0
  const bounded = dice.oneIn(2)
  const names = partitionNames.slice(dice.int(0, 4)).slice(0, dice.pick([1, 1, 2, 3, 4]))
  return {
    name,
    bounded,
    bytes,
    ...(bytes && dice.oneIn(2) && { packedBy: dice.pick(['\n', ','] as const) }),
    partitions: names.map((partitionName) => partition(dice, partitionName, bytes, bounded, size, ends)),
  }
}

import type { BatchSpec, CaseSpec, Node, PartitionSpec, ReadSpec } from './case.js'

/** Every way to leave one thing out of a list, larger parts first. */
const without = <T>(all: readonly T[], keepOne = false): readonly (readonly T[])[] => {
  const halves = all.length > 3 ? [all.slice(0, all.length >> 1), all.slice(all.length >> 1)] : []
  const ones = all.length > (keepOne ? 1 : 0) ? all.map((_, index) => all.toSpliced(index, 1)) : []
  return [...halves, ...ones]
}

/** Every way to make one member of a list smaller. */
const oneSmaller = <T>(all: readonly T[], smaller: (one: T) => readonly T[]): readonly (readonly T[])[] =>
  all.flatMap((one, index) => smaller(one).map((less) => all.with(index, less)))

const smallerBatch = (batch: BatchSpec): readonly BatchSpec[] => {
  const { floorMillis: _floor, ...floorless } = batch
  return [
    ...without(batch.records).map((records) => ({ ...batch, records })),
    ...(batch.floorMillis === undefined ? [] : [floorless]),
  ]
}

const smallerPartition = (partition: PartitionSpec): readonly PartitionSpec[] =>
  [...without(partition.batches), ...oneSmaller(partition.batches, smallerBatch)].map((batches) => ({
    ...partition,
    batches,
  }))

/** Fewer branches, or a stage in the middle left out. */
const smallerNodes = (nodes: readonly Node[]): readonly (readonly Node[])[] => [
  ...without(nodes, true),
  ...nodes.flatMap((node, index) =>
    ['map', 'filter', 'flatMap', 'mapAsync', 'through', 'decode'].includes(node.stage.kind)
      ? [nodes.toSpliced(index, 1, ...node.next)]
      : [],
  ),
  ...oneSmaller(nodes, (node) => smallerNodes(node.next).map((next) => ({ ...node, next }))),
]

const smallerRead = (read: ReadSpec): readonly ReadSpec[] => [
  ...[...without(read.partitions, true), ...oneSmaller(read.partitions, smallerPartition)].map((partitions) => ({
    ...read,
    partitions,
  })),
  ...smallerNodes(read.next).map((next) => ({ ...read, next })),
]

const smallerCases = (spec: CaseSpec): readonly CaseSpec[] => [
  ...without(spec.interruptions).map((interruptions) => ({ ...spec, interruptions })),
  ...[...without(spec.reads, true), ...oneSmaller(spec.reads, smallerRead)].map((reads) => ({ ...spec, reads })),
]

/** A smaller case that is still red, as small as can be found in the time given. */
export const shrink = async (
  spec: CaseSpec,
  isRed: (spec: CaseSpec) => Promise<boolean>,
  millis: number,
): Promise<CaseSpec> => {
  const deadline = Date.now() + millis
  let smallest = spec
  for (let progress = true; progress;) {
    progress = false
    for (const candidate of smallerCases(smallest)) {
      if (Date.now() > deadline) return smallest
      if (!(await isRed(candidate))) continue
      smallest = candidate
      progress = true
      break
    }
  }
  return smallest
}

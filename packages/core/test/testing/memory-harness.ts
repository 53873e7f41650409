import type { Source, SourceCapabilities } from '@millrace/core'
import {
  memoryBatch,
  memorySource,
  packRecords,
  type MemoryEntry,
  type MemoryPartition,
  type MemorySource,
  type SeedPartition,
  type SourceHarness,
} from '@millrace/core/testing'

const recordsPerBatch = 7
const receivedAtMillis = 1_600_000_000_000
const failure = { _tag: 'Corrupt', code: 'DataLoss', message: 'the record is corrupt' } as const

const batchOf = (seed: SeedPartition, from: number, firstPosition: number): MemoryEntry<Uint8Array> => {
  const records = seed.slice(from, from + recordsPerBatch)
  const lines = records.map((record) => (record._tag === 'Whole' ? record.bytes : 'corrupt'))
  const failures = new Map(records.flatMap((record, index) => (record._tag === 'Broken' ? [[index, failure]] : [])))
  const packed = packRecords(lines, { firstPosition, receivedAtMillis, joinable: true, failures })
  const last = from + recordsPerBatch >= seed.length
  return memoryBatch<Uint8Array>(packed, { floorMillis: from, ...(last && { contentDigest: `digest of ${seed.length}` }) })
}

const entriesOf = (seed: SeedPartition): readonly MemoryEntry<Uint8Array>[] =>
  seed.flatMap((_, index) => (index % recordsPerBatch === 0 ? [batchOf(seed, index, index * 1_000)] : []))

const partitionOf = (seed: SeedPartition, index: number): MemoryPartition<Uint8Array> => ({
  name: `partition ${index}`,
  fingerprint: { records: seed.length },
  entries: entriesOf(seed),
})

export type Wrap = (source: MemorySource<Uint8Array>) => Source<Uint8Array, number, 'local'>

/** Seeds a memory source with packed records; `wrap` may break it. */
export const memoryHarness = (
  capabilities: SourceCapabilities,
  wrap: Wrap = (source) => source,
): SourceHarness<Uint8Array, number> => ({
  capabilities: { ...capabilities, failures: true },
  quietMillis: 10,
  deadlineMillis: 5_000,
  open: async (seed) => {
    const partitions = seed.map(partitionOf)
    // What is not replayable remembers what it gave: the input is then the source itself.
    const shared = memorySource({ partitions, capabilities })
    return {
      source: () => wrap(capabilities.replayable ? memorySource({ partitions, capabilities }) : shared),
      close: async () => undefined,
    }
  },
})

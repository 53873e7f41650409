import { ConnectorError, type Source, type SourceCapabilities } from '@millrace/core'
import {
  memoryBatch,
  memoryRecords,
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

/** The same as plain records, which may have attributes. */
const plainBatchOf = (seed: SeedPartition, from: number): MemoryEntry<Uint8Array> => {
  const whole = seed.slice(from, from + recordsPerBatch).filter((record) => record._tag === 'Whole')
  const records = memoryRecords(
    whole.map((record) => record.bytes),
    { position: from, receivedAtMillis },
  )
  return memoryBatch<Uint8Array>(
    records.map((record, index) => ({ ...record, attributes: whole[index]?.attributes ?? {} })),
  )
}

const plainPartitionOf = (seed: SeedPartition, index: number): MemoryPartition<Uint8Array> => ({
  name: `partition ${index}`,
  entries: seed.flatMap((_, from) => (from % recordsPerBatch === 0 ? [plainBatchOf(seed, from)] : [])),
})

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

const missingName = 'the bucket that is not there'

/** Lists nothing, but fails. */
const failingSource = (error: Error): Source<Uint8Array, number, 'local'> => ({
  ...memorySource<Uint8Array>({ partitions: [] }),
  partitions: () => Promise.reject(error),
})

/** Seeds a memory source with plain records that have attributes; its input may be missing, with this error. */
export const plainHarness = (
  wrap: Wrap = (source) => source,
  error: Error = new ConnectorError({ _tag: 'NoBucket', code: 'NotFound', message: `${missingName}: make it` }),
): SourceHarness<Uint8Array, number> => ({
  capabilities: { bounded: true, replayable: true, acknowledges: true, attributes: true },
  quietMillis: 10,
  deadlineMillis: 5_000,
  open: async (seed) => {
    const partitions = seed.map(plainPartitionOf)
    return { source: () => wrap(memorySource({ partitions })), close: async () => undefined }
  },
  missing: async () => ({ missingName, source: () => failingSource(error), close: async () => undefined }),
})

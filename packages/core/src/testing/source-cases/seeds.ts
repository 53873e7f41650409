import type { Data } from '../../data.js'
import type { FlatRecord } from '../flat-records.js'
import type { SeedPartition, SeedRecord, SourceFixture, SourceHarness } from '../source-harness.js'
import { partitionNames } from './reading.js'

const defaultRecords = 60
const defaultPartitions = 2

/** Records per partition. */
export const recordCount = <A, O extends Data>(harness: SourceHarness<A, O>): number => harness.records ?? defaultRecords

/** A record that says where it belongs; `extra` (JSON members, with a leading comma) goes behind. */
export const seedText = (partition: number, record: number, extra = ''): string =>
  `{"partition":${partition},"record":${record},"pad":"${'x'.repeat(record % 50)}"${extra}}`

/** A whole record. */
export const whole = (text: string | Uint8Array): SeedRecord => ({
  _tag: 'Whole',
  bytes: typeof text === 'string' ? new Uint8Array(Buffer.from(text)) : text,
})

const seedPartition = (partition: number, records: number): SeedPartition =>
  Array.from({ length: records }, (_, record) => whole(seedText(partition, record)))

/** The input of most cases: as many partitions as the harness can seed, each with the same number of records. */
export const standardSeed = <A, O extends Data>(harness: SourceHarness<A, O>): readonly SeedPartition[] =>
  Array.from({ length: harness.capabilities.partitions ?? defaultPartitions }, (_, partition) =>
    seedPartition(partition, recordCount(harness)),
  )

/** Bytes as a string with one character a byte, which compares and prints well. */
export const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** The texts of seeded whole records. */
export const seedTexts = (seed: SeedPartition): readonly string[] =>
  seed.flatMap((record) => (record._tag === 'Whole' ? [asText(record.bytes)] : []))

/** The text of what came. */
export const textOf = <A, O extends Data>(harness: SourceHarness<A, O>, { value }: FlatRecord<A>): string => {
  if (harness.bytesOf !== undefined) return asText(harness.bytesOf(value))
  return value instanceof Uint8Array ? asText(value) : asText(Buffer.from(JSON.stringify(value)))
}

/** The texts of what came, in order. */
export const textsOf = <A, O extends Data>(
  harness: SourceHarness<A, O>,
  records: readonly FlatRecord<A>[],
): readonly string[] => records.map((record) => textOf(harness, record))

/** Opens an input, hands it out, and closes it whatever happens. */
export const withFixture = async <A, O extends Data>(
  harness: SourceHarness<A, O>,
  seed: readonly SeedPartition[],
  use: (fixture: SourceFixture<A, O>) => Promise<void>,
): Promise<void> => {
  const fixture = await harness.open(seed)
  try {
    await use(fixture)
  } finally {
    await fixture.close()
  }
}

/** For each partition of the standard seed. */
export const eachPartition = <A, O extends Data>(
  harness: SourceHarness<A, O>,
  use: (fixture: SourceFixture<A, O>, partition: string) => Promise<void>,
): Promise<void> =>
  withFixture(harness, standardSeed(harness), async (fixture) => {
    for (const partition of await partitionNames(fixture.source())) await use(fixture, partition)
  })

/** For the first partition of a seed. */
export const firstPartition = <A, O extends Data>(
  harness: SourceHarness<A, O>,
  seed: readonly SeedPartition[],
  use: (fixture: SourceFixture<A, O>, partition: string) => Promise<void>,
): Promise<void> =>
  withFixture(harness, seed, async (fixture) => {
    const [partition] = await partitionNames(fixture.source())
    if (partition === undefined) throw new Error('the source has no partition, though records were seeded')
    await use(fixture, partition)
  })

import { journaled, type JournalOffset } from '@millrace/core'
import { memoryBatch, memoryRecords, memorySource, sourceConformance, type SourceHarness, type TestRunner } from '@millrace/core/testing'
import { rm } from 'node:fs/promises'
import { suite } from 'uvu'
import { uvuRunner } from '../testing/uvu-runner.js'
import { temporaryFolder } from './journal-support.js'

const failure = { _tag: 'Corrupt', code: 'DataLoss', message: 'the record is corrupt' } as const

/** What is given is gone, as with a socket; what the journal has of it can be read again. */
const harness = (bounded: boolean): SourceHarness<Uint8Array, JournalOffset> => ({
  // A journal has one partition.
  capabilities: { bounded, replayable: true, acknowledges: true, drains: true, failures: true, partitions: 1 },
  records: 1_200,
  deadlineMillis: 20_000,
  open: async (seed) => {
    const directory = temporaryFolder()
    const partitions = seed.map((records, partition) => ({
      name: `p${partition}`,
      entries: Array.from({ length: Math.ceil(records.length / 7) }, (_, batch) => {
        const some = records.slice(batch * 7, batch * 7 + 7)
        const failures = new Map(some.flatMap((record, index) => (record._tag === 'Broken' ? [[index, failure] as const] : [])))
        return memoryBatch<Uint8Array>(memoryRecords(some.map((record) => (record._tag === 'Whole' ? record.bytes : Buffer.from('?'))), { position: batch * 7, receivedAtMillis: 1_600_000_000_000, failures }))
      }),
    }))
    const inner = memorySource<Uint8Array>({ partitions, capabilities: { bounded, replayable: false, acknowledges: false } })
    return { source: () => journaled(inner, { directory }), close: () => rm(directory, { recursive: true, force: true }) }
  },
})

/** A second reader at the same time is refused, by design. */
const oneReader = (runner: TestRunner): TestRunner => ({
  ...runner,
  test: (name, run) =>
    name.includes('is cold: two subscriptions') ? runner.skip(name, 'a journal is read by one at a time: the second one is refused') : runner.test(name, run),
})

for (const bounded of [true, false]) {
  const test = suite(`journaled, ${bounded ? 'bounded' : 'unbounded'}: conformance`)
  sourceConformance(oneReader(uvuRunner(test)), harness(bounded))
  test.run()
}

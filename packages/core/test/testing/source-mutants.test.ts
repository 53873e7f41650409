import { ConnectorError, type Data, type PackedRecords, type Source, type SourceBatch, type SourceContext, type SourceRecord } from '@millrace/core'
import { runSuite, sourceConformance, type MemorySource, type SourceHarness, type TestRunner } from '@millrace/core/testing'
import { closeSync, openSync } from 'node:fs'
import * as t from 'io-ts'
import { map, mergeMap, Observable, of } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryHarness, plainHarness, type Wrap } from './memory-harness.js'

type Bytes = Source<Uint8Array, number, 'local'>
type Batches = Observable<SourceBatch<Uint8Array, number>>
type Batch = SourceBatch<Uint8Array, number>

/** A promise of the suite that is broken, and the case that must see it. */
interface Mutant {
  readonly name: string
  readonly caughtBy: string
  readonly bounded?: boolean
  readonly wrap: Wrap
}

/** A copy whose reads go through `change`. */
const withReads = (change: (batches: Batches, context: SourceContext) => Batches): Wrap =>
  (source) => ({ ...source, read: (partition, after, context) => change(source.read(partition, after, context), context) })

/** Memory harness batches are packed. */
const packedOf = (batch: Batch): PackedRecords => batch.records as PackedRecords

const repacked = (batch: Batch, change: Partial<PackedRecords>): Batch => ({
  ...batch,
  records: { ...packedOf(batch), ...change },
})

const unlimited = (context: SourceContext): SourceContext => ({
  ...context,
  credit: { ...context.credit, ready: async () => undefined },
})

const deaf = (context: SourceContext): SourceContext => ({ ...context, signal: new AbortController().signal })

const nextFingerprint = ((): (() => number) => {
  let count = 0
  return () => count++
})()

const thisFile = new URL(import.meta.url).pathname

const holdFile = (): (() => void) => {
  const file = openSync(thisFile, 'r')
  return () => closeSync(file)
}

/** Ends what the mutants left open on purpose. */
const releases: (() => void)[] = []

const mutants: readonly Mutant[] = [
  {
    name: 'opens a file when it is constructed',
    caughtBy: 'constructing a source, and calling read without subscribing, opens nothing',
    wrap: (source) => {
      releases.push(holdFile())
      return source
    },
  },
  {
    name: 'connects in read instead of at the subscription',
    caughtBy: 'constructing a source, and calling read without subscribing, opens nothing',
    wrap: withReads((batches) => {
      releases.push(holdFile())
      return batches
    }),
  },
  {
    name: 'gives another fingerprint on every call',
    caughtBy: 'partitions are the same on every call: order, names, fingerprints',
    wrap: (source) => ({
      ...source,
      partitions: async (context) =>
        (await source.partitions(context)).map((partition) => ({ ...partition, fingerprint: nextFingerprint() })),
    }),
  },
  {
    name: 'loses the last record of a batch',
    caughtBy: 'reads every record once, in order',
    wrap: withReads(map((batch) => repacked(batch, { count: packedOf(batch).count - 1 }))),
  },
  {
    name: 'starts counting positions anew in every batch',
    caughtBy: 'positions are unique and strictly ascending within a partition',
    wrap: withReads(map((batch) => repacked(batch, { positions: Float64Array.from(packedOf(batch).starts) }))),
  },
  {
    name: 'never completes',
    caughtBy: 'a bounded partition completes, also one without records',
    wrap: withReads(
      (batches) =>
        new Observable((subscriber) =>
          batches.subscribe({ next: (batch) => subscriber.next(batch), error: (error) => subscriber.error(error) }),
        ),
    ),
  },
  {
    name: 'is hot: a second subscription gets nothing',
    caughtBy: 'is cold: two subscriptions to one read each get everything',
    wrap: (source) => {
      const read = new Set<string>()
      return {
        ...source,
        read: (partition, after, context) =>
          new Observable((subscriber) => {
            if (read.has(partition)) return void subscriber.complete()
            read.add(partition)
            return source.read(partition, after, context).subscribe(subscriber)
          }),
      }
    },
  },
  {
    name: 'stamps records with the time at which they were read',
    caughtBy: 'receivedAtMillis is the same when records are read again later',
    wrap: withReads((batches, context) =>
      batches.pipe(map((batch) => repacked(batch, { receivedAtMillis: context.clock.now() }))),
    ),
  },
  {
    name: 'repeats the last batch on resume',
    caughtBy: 'a new source resumed after any batch gives exactly the rest',
    wrap: (source) => ({
      ...source,
      read: (partition, after, context) => source.read(partition, after ? after - 1 : after, context),
    }),
  },
  {
    name: 'skips a batch on resume',
    caughtBy: 'a new source resumed after any batch gives exactly the rest',
    wrap: (source) => ({
      ...source,
      read: (partition, after, context) => source.read(partition, after === 1 ? 2 : after, context),
    }),
  },
  {
    name: 'encodes its offset as a Date',
    caughtBy: 'offsets survive their codec, MessagePack and JSON',
    wrap: (source) => {
      const { offset } = source
      // A Date is no Data: that is the mutation.
      const encode = (value: number): Data => new Date(value) as never
      return { ...source, offset: new t.Type('Dated', offset.is, (input, context) => offset.validate(input, context), encode) }
    },
  },
  {
    name: 'refuses to settle twice',
    caughtBy: 'settle may be repeated, and come late',
    wrap: (source) => {
      const settled = new Set<number>()
      return {
        ...source,
        settle: async (_partition, upTo) => {
          if (settled.has(upTo)) throw new ConnectorError({ _tag: 'Twice', code: 'NotFound', message: 'no such message' })
          settled.add(upTo)
        },
      }
    },
  },
  {
    name: 'ignores credit',
    caughtBy: 'holds to its credit: never more than that plus one batch',
    wrap: (source) => ({
      ...source,
      read: (partition, after, context) => source.read(partition, after, unlimited(context)),
    }),
  },
  {
    name: 'waits for ever when it is aborted',
    caughtBy: 'aborted while it waits for credit, it errors at once and gives nothing more',
    wrap: (source) => ({
      ...source,
      read: (partition, after, context) => {
        const waiting = new Promise<void>(() => undefined)
        const ready = async (): Promise<void> => context.credit.ready().catch(() => waiting)
        return source.read(partition, after, deaf({ ...context, credit: { ...context.credit, ready } }))
      },
    }),
  },
  {
    name: 'completes when it is aborted',
    caughtBy: 'aborted while it waits for credit, it errors at once and gives nothing more',
    wrap: withReads(
      (batches) =>
        new Observable((subscriber) =>
          batches.subscribe({
            next: (batch) => subscriber.next(batch),
            error: () => subscriber.complete(),
            complete: () => subscriber.complete(),
          }),
        ),
    ),
  },
  {
    name: 'keeps its file open when it is unsubscribed',
    caughtBy: 'unsubscribed in mid-stream, it stops reading and leaves nothing open',
    wrap: withReads(
      (batches) =>
        new Observable((subscriber) => {
          const release = holdFile()
          releases.push(release)
          return batches.subscribe(subscriber)
        }),
    ),
  },
  {
    name: 'goes on reading after it was unsubscribed',
    caughtBy: 'unsubscribed in mid-stream, it stops reading and leaves nothing open',
    wrap: withReads(
      (batches) =>
        new Observable((subscriber) => {
          batches.subscribe(subscriber.next.bind(subscriber))
        }),
    ),
  },
  {
    name: 'writes to a buffer that it handed over',
    caughtBy: 'a batch that was handed over is not written to again',
    wrap: withReads((batches) => {
      let shared: Buffer | undefined
      return batches.pipe(
        map((batch) => {
          const { buffer } = packedOf(batch)
          shared ??= Buffer.alloc(1_000)
          buffer.copy(shared)
          return repacked(batch, { buffer: shared })
        }),
      )
    }),
  },
  {
    name: 'says that everything is joinable',
    caughtBy: 'packed records keep their rules: layout, positions, joinable',
    wrap: withReads(map((batch) => repacked(batch, { joinable: new Uint8Array(packedOf(batch).count).fill(1) }))),
  },
  {
    name: 'decodes bytes as UTF-8 and encodes them again',
    caughtBy: 'bytes that are not UTF-8 come through unchanged',
    wrap: withReads(
      map((batch): Batch => {
        const { count, buffer, starts, ends, positions, receivedAtMillis } = packedOf(batch)
        const records = Array.from({ length: count }, (_, index) => {
          const value = Buffer.from(buffer.toString('utf8', starts[index], ends[index]))
          return { value, position: [positions[index] ?? 0], receivedAtMillis: Number(receivedAtMillis), bytes: value.length }
        })
        return { ...batch, records }
      }),
    ),
  },
  {
    name: 'hides failures',
    caughtBy: 'a record that cannot be given whole is a failure in its place, and its neighbours are whole',
    wrap: withReads(map((batch) => repacked(batch, { failures: new Map() }))),
  },
  {
    name: 'ends at the first record that it cannot give whole',
    caughtBy: 'a record that cannot be given whole is a failure in its place, and its neighbours are whole',
    wrap: withReads(
      mergeMap((batch) => {
        if ((packedOf(batch).failures?.size ?? 0) > 0) throw new Error('corrupt')
        return of(batch)
      }),
    ),
  },
  {
    name: 'takes back a floor',
    caughtBy: 'floorMillis never falls',
    wrap: withReads(map((batch) => ({ ...batch, floorMillis: -batch.offset }))),
  },
  {
    name: 'hashes only what it read since it resumed',
    caughtBy: 'a content digest comes with the last batch, and is the same on every read, resumed or not',
    wrap: (source: MemorySource<Uint8Array>): Bytes => ({
      ...source,
      read: (partition, after, context) =>
        source
          .read(partition, after, context)
          .pipe(map((batch) => (batch.contentDigest ? { ...batch, contentDigest: `since ${after}` } : batch))),
    }),
  },
]

const test = suite('source conformance catches')

/** Runs the one case that must fail. */
const catches = async (caughtBy: string, harness: SourceHarness<Uint8Array, number>): Promise<void> => {
  const results = await runSuite((runner) => {
    const only: TestRunner = { ...runner, test: (name, run) => name === caughtBy && runner.test(name, run), skip: () => undefined }
    sourceConformance(only, { ...harness, deadlineMillis: 1_000 })
  })
  for (const release of releases.splice(0)) release()
  assert.equal(results.map((result) => [result.name, result._tag]), [[caughtBy, 'Failed']])
}

for (const { name, caughtBy, wrap } of mutants) {
  test(`a source that ${name}`, () =>
    catches(caughtBy, memoryHarness({ bounded: true, replayable: true, acknowledges: true }, wrap)))
}

test('a queue that forgets what was settled', () => {
  const forgetful: Wrap = (source) => ({ ...source, settle: async () => undefined })
  const harness = memoryHarness({ bounded: false, replayable: false, acknowledges: true }, forgetful)
  return catches('what was settled does not come again, and what was not does', harness)
})

test('a source that loses attributes', () => {
  const lossy = withReads(
    map((batch): Batch => {
      // The batches of this harness are plain records.
      const records = (batch.records as readonly SourceRecord<Uint8Array>[]).map(({ attributes, ...record }) => record)
      return { ...batch, records }
    }),
  )
  return catches('attributes come through unchanged', plainHarness(lossy))
})

const missing = 'the bucket that is not there'

for (const [what, error] of [
  ['is no ConnectorError', new Error(missing)],
  ['is not classified', new ConnectorError({ _tag: 'Oops', code: 'Unknown', message: missing })],
  ['does not name it', new ConnectorError({ _tag: 'NoBucket', code: 'NotFound', message: 'no such bucket' })],
] as const) {
  test(`a source whose error for a missing input ${what}`, () =>
    catches('an input that is missing is a classified error that names it', plainHarness(undefined, error)))
}

test.run()

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ObjectOffset, folder } from '@millrace/connector-gcs'
import { type SeedPartition, type SourceHarness, sourceConformance } from '@millrace/core/testing'
import { suite } from 'uvu'
import { FolderStore } from '#src/folder/folder-store.js'
import { objectSource } from '#src/objects.js'
import { uvuRunner } from './uvu-runner.js'

/** So that a batch holds few records; the suite's are about a hundred bytes. */
const CHUNK_BYTES = 400
const MAX_RECORD_BYTES = 600

interface Form {
  readonly what: string
  readonly suffix: string
  readonly pack: (records: readonly Buffer[]) => Buffer
}

const forms: readonly Form[] = [
  { what: 'lines', suffix: '.ndjson', pack: (records) => Buffer.concat(records.flatMap((record) => [record, Buffer.from('\n')])) },
  {
    what: 'arrays', suffix: '.json',
    pack: (records) => Buffer.concat([Buffer.from('['), ...records.flatMap((record, i) => i === 0 ? [record] : [Buffer.from(','), record]), Buffer.from(']')]),
  },
]

const broken = Buffer.from(`{"pad":"${'x'.repeat(MAX_RECORD_BYTES)}"}`)
const bytesOf = (seed: SeedPartition): Buffer[] => seed.map((record) => record._tag === 'Whole' ? Buffer.from(record.bytes) : broken)

const harness = ({ suffix, pack }: Form): SourceHarness<Uint8Array, ObjectOffset> => ({
  capabilities: { bounded: true, replayable: true, acknowledges: false, failures: true },
  open: async (seed) => {
    const path = await mkdtemp(join(tmpdir(), 'millrace-folder-'))
    await Promise.all(seed.map((partition, i) => writeFile(join(path, `${i}${suffix}`), pack(bytesOf(partition)))))
    const options = { format: 'auto', maxRecordBytes: MAX_RECORD_BYTES, name: 'folder' } as const
    return {
      source: () => objectSource(new FolderStore([path], CHUNK_BYTES), options),
      close: () => rm(path, { recursive: true }),
    }
  },
  missing: async () => {
    const missingName = join(tmpdir(), 'millrace-folder-that-is-not-there')
    return { missingName, source: () => folder({ paths: missingName }), close: async () => {} }
  },
})

for (const form of forms) {
  const test = suite(`folder of ${form.what}: conformance`)
  sourceConformance(uvuRunner(test), harness(form))
  test.run()
}

const packed = suite('folder of gzipped lines: conformance')
const lines = forms[0]
if (lines === undefined) throw new Error('there are no forms')
// The unpacked text comes in one chunk: a batch holds up to 2,048 records.
sourceConformance(uvuRunner(packed), { ...harness({ ...lines, suffix: '.ndjson.gz', pack: (records) => gzipSync(lines.pack(records)) }), records: 5_000, deadlineMillis: 30_000 })
packed.run()

// A small program for the crash driver: memory source -> exact sink in a file, with a checkpoint in another file.
// `BROKEN` in the environment makes it forget one promise.
import { crashInstrumentFromEnv, failing, fileTable, flatRecords, memoryBatch, memoryRecords, memorySink, memorySource, testCredit } from '@millrace/core/testing'
import { silentLogger, systemClock, systemRandom, type CheckpointStore, type Data, type Row, type SinkWriter, type SourceBatch } from '@millrace/core'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const broken = process.env['BROKEN']
const directory = process.argv[2] ?? ''
const path = join(directory, 'checkpoint.json')

const checkpointFile: CheckpointStore = {
  read: async () => (existsSync(path) ? { header: JSON.parse(readFileSync(path, 'utf8')), changes: [] } : undefined),
  write: async (_pipeline, { header }) => {
    writeFileSync(`${path}.new`, JSON.stringify(header))
    renameSync(`${path}.new`, path)
  },
  close: async () => undefined,
}

const entries = ['a', 'b', 'c'].map((letter) => memoryBatch<string>(memoryRecords([`${letter}1`, `${letter}2`])))
const ports = crashInstrumentFromEnv() ?? failing([])
const source = ports.source(memorySource<string>({ name: 'letters', partitions: [{ name: 'p', entries }] }))
const guarantee = broken === 'repeats' ? 'repeating' : 'exact'
const table = fileTable<string>({ path: join(directory, 'table.jsonl') })
const sink = ports.sink(memorySink<string>({ name: 'rows', guarantee, table }))
const checkpoints = ports.checkpoints(checkpointFile)
const clock = ports.clock(systemClock)

interface Header {
  readonly epoch: number
  readonly offset: number
  readonly token: Data
}

const signal = new AbortController().signal
const context = {
  clock,
  random: systemRandom,
  signal,
  credit: testCredit(Infinity, signal),
  runStartedAtMillis: clock.now(),
  logger: silentLogger,
  listening: () => undefined,
  ending: new AbortController().signal,
  pipeline: 'p',
  version: '1',
}

const commitBatch = async (writer: SinkWriter<string>, batch: SourceBatch<string, number>): Promise<void> => {
  const epoch = batch.offset + 1
  const rows = flatRecords(batch).map((record): Row<string> => ({ value: record.value, rowId: record.value }))
  await writer.write(rows)
  const token = (await writer.prepare?.(epoch)) ?? null
  await checkpoints.write('p', { header: { epoch, offset: batch.offset, token }, reset: false, changes: [] })
  await clock.sleep(0)
  await writer.commit?.(epoch, token)
  await source.settle?.('p', batch.offset)
}

const stored = await checkpoints.read('p')
// The only writer of that file is above.
const header = stored?.header as unknown as Header | undefined
const writer = await sink.open(context)
if (header !== undefined && broken !== 'forgets') await writer.commit?.(header.epoch, header.token)
await source.partitions(context)
const batches: SourceBatch<string, number>[] = []
await new Promise<void>((resolve, reject) => {
  source.read('p', header?.offset, context).subscribe({ next: (batch) => batches.push(batch), complete: resolve, error: reject })
})
for (const batch of batches) await commitBatch(writer, batch)
await writer.close()
await checkpoints.close()
if (broken === 'fails' && header !== undefined) throw new Error('cannot resume')

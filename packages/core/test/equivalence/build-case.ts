import * as t from 'io-ts'
import {
  ConnectorError,
  definePipeline,
  fixedWindows,
  type Builder,
  type Combine,
  type Failure,
  type Output,
  type PackedRecords,
  type Pipeline,
  type SourceRecord,
} from '@millrace/core'
import { endOfPartition, failOnce, memoryBatch, type MemoryEntry } from '#src/testing/memory-entries.js'
import { memorySource, type MemorySource, type MemorySourceOptions } from '#src/testing/memory-source.js'
import { bytesOf, type BatchSpec, type CaseSpec, type Node, type ReadSpec, type RecordSpec } from './case.js'
import { codecs } from './codecs.js'
import { combines } from './combines.js'
import { asyncMaps, filters, flatMaps, keys, maps, throughs, timeOf } from './functions.js'
import type { World } from './world.js'

// any: values of random pipelines have whatever shape the input and the stages before gave them
type Any = any

/** All handles at once: a random pipeline's types are not known before it is there. */
interface Loose {
  parse(name: string): Loose
  map(name: string, f: unknown): Loose
  filter(name: string, f: unknown): Loose
  flatMap(name: string, f: unknown): Loose
  decode(name: string, codec: unknown): Loose
  eventTime(name: string, f: unknown, policy: unknown): Loose
  mapAsync(name: string, f: unknown, options: unknown): Loose
  through(name: string, operator: unknown): Loose
  keyBy(name: string, f: unknown): Loose
  window(fn: unknown, options: unknown): Loose
  aggregate(name: string, combine: Combine<Any, Any, unknown>): Loose
  write(name: string, sink: unknown): Output<'local'>
}

const named = <T>(all: Readonly<Record<string, T>>, name: string): T => {
  const found = all[name]
  if (found === undefined) throw new Error(`there is no ${name} among ${Object.keys(all).join(', ')}`)
  return found
}

const failure: Failure = { _tag: 'Broken', code: 'DataLoss', message: 'not whole' }

// as: the texts of a read of bytes
const valueOf = (bytes: boolean, value: unknown): unknown => (bytes ? bytesOf(value as string) : value)

const listed = (
  bytes: boolean,
  { value, position, receivedAtMillis, attributes, failed, silentMillis }: RecordSpec,
): SourceRecord<Any> => ({
  value: valueOf(bytes, value),
  position,
  receivedAtMillis,
  bytes: 1,
  ...(attributes && { attributes }),
  ...(failed && { failure }),
  ...(silentMillis !== undefined && { silentMillis }),
})

const isFlat = (record: Buffer): boolean =>
  record.length > 1 && record.lastIndexOf('{') === 0 && record[0] === 0x7b && record.indexOf('}') === record.length - 1

/** The contract's rule, to the letter: what is joinable may still be no JSON, and what follows it anything. */
const joinable = (records: readonly Buffer[], failed: (index: number) => boolean): Uint8Array =>
  Uint8Array.from(records, (record, i) => (i + 1 < records.length && isFlat(record) && !failed(i) ? 1 : 0))

const packed = (records: readonly RecordSpec[], separator: string, firstIndex: number): PackedRecords => {
  const lead = Buffer.from('{"junk":')
  const bodies = records.map(({ value }) => bytesOf(value as string)) // as: a packed read is one of bytes
  const starts = new Uint32Array(records.length)
  const ends = new Uint32Array(records.length)
  let at = lead.length
  bodies.forEach((body, i) => {
    starts[i] = at
    ends[i] = at + body.length
    at += body.length + 1
  })
  const failed = (index: number): boolean => records[index]?.failed === true
  return {
    _tag: 'Packed',
    count: records.length,
    buffer: Buffer.concat([lead, ...bodies.flatMap((body) => [body, Buffer.from(separator)]), Buffer.from('{}')]),
    starts,
    ends,
    positions: Float64Array.from(records, (_, i) => firstIndex + i),
    receivedAtMillis: Float64Array.from(records, (record) => record.receivedAtMillis),
    ...(records.some(({ silentMillis }) => silentMillis !== undefined) && {
      silentMillis: Float64Array.from(records, ({ silentMillis = 0 }) => silentMillis),
    }),
    joinable: joinable(bodies, failed),
    ...(records.some(({ failed: one }) => one) && {
      failures: new Map(records.flatMap(({ failed: one }, i) => (one ? [[i, failure] as const] : []))),
    }),
  }
}

const entryOf = (read: ReadSpec, { records, floorMillis, gap, silentMillis }: BatchSpec, firstIndex: number): MemoryEntry<Any> =>
  memoryBatch<Any>(
    read.packedBy === undefined
      ? records.map((one) => listed(read.bytes, one))
      : packed(records, read.packedBy, firstIndex),
    { ...(silentMillis !== undefined && { silentMillis }), ...(floorMillis !== undefined && { floorMillis }), ...(gap && { gap: { fromMillis: 0, toMillis: 1, reason: 'none' } }) },
  )

const hiccup = (): ConnectorError =>
  new ConnectorError({ _tag: 'Hiccup', code: 'Unavailable', message: 'ask again', retryable: true })

const entriesOf = (read: ReadSpec, batches: readonly BatchSpec[]): readonly MemoryEntry<Any>[] => {
  let index = 0
  return batches.flatMap((batch) => {
    const entry = entryOf(read, batch, index)
    index += batch.records.length
    return batch.afterError ? [failOnce(hiccup()), entry] : [entry]
  })
}

/** One read's input, for the interpreter and for a memory source alike. */
export const inputOf = (read: ReadSpec): MemorySourceOptions<Any> => ({
  name: `source of ${read.name}`,
  capabilities: { bounded: read.bounded },
  partitions: read.partitions.map(({ name, batches, ends }) => ({
    name,
    entries: [...entriesOf(read, batches), ...(ends ? [endOfPartition] : [])],
  })),
})

/** Makes the source of a read; a new one for each run. */
export type Sources = (read: string, options: MemorySourceOptions<Any>) => MemorySource<Any>

export const plainSources: Sources = (_read, options) => memorySource(options)

const grow = (handle: Loose, { name, stage }: Node): Loose => {
  switch (stage.kind) {
    case 'parse':
      return handle.parse(name)
    case 'decode':
      return handle.decode(name, named(codecs, stage.codec)(stage.salt))
    case 'map':
      return handle.map(name, named(maps, stage.f)(stage.salt))
    case 'filter':
      return handle.filter(name, named(filters, stage.f)(stage.salt))
    case 'flatMap':
      return handle.flatMap(name, named(flatMaps, stage.f)(stage.salt))
    case 'through':
      return handle.through(name, named(throughs, stage.f)(stage.salt))
    case 'mapAsync':
      return handle.mapAsync(name, named(asyncMaps, stage.f)(stage.salt), {
        concurrency: stage.concurrency,
        timeoutMillis: 60_000,
      })
    case 'eventTime':
      return handle.eventTime(name, timeOf(stage.salt), stage.policy)
    case 'key':
      return handle.keyBy(name, named(keys, stage.f)(stage.salt))
    case 'aggregate': {
      const { sizeMillis, offsetMillis, latenessMillis, combine, salt } = stage
      return handle
        .window(fixedWindows({ sizeMillis, offsetMillis }), { allowedLatenessMillis: latenessMillis })
        .aggregate(name, named(combines, combine)(salt))
    }
    case 'write':
      throw new Error('a write ends its branch')
  }
}

/** The pipeline of a case. */
export const buildCase = (spec: CaseSpec, world: World, sources: Sources = plainSources): Pipeline<null, 'local'> => {
  const sinks = world.sinks()
  const behind = (handle: Loose, nodes: readonly Node[]): readonly Output<'local'>[] =>
    nodes.flatMap((node) =>
      node.stage.kind === 'write'
        ? [handle.write(node.name, sinks.write(node))]
        : behind(grow(handle, node), node.next),
    )
  return definePipeline({
    name: `random ${spec.seed}`,
    module: import.meta.url,
    config: t.null,
    deadLetters: sinks.deadLetters,
    build: (p: Builder) =>
      // as: the class behind all handles has all their methods
      spec.reads.flatMap((read) =>
        behind(p.read(read.name, sources(read.name, inputOf(read))) as unknown as Loose, read.next),
      ),
  })
}

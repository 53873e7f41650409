import type { PackedRecords, SourceBatch } from '@millrace/core'
import { changedWhileRead } from '../errors.js'
import { ArrayFramer } from '../framing/array.js'
import { Columns } from '../framing/columns.js'
import { DetectingFramer } from '../framing/detect.js'
import { DocumentFramer, FailedFramer } from '../framing/document.js'
import { Failures } from '../framing/failures.js'
import type { Chunk, Framer } from '../framing/framer.js'
import { LinesFramer } from '../framing/lines.js'
import type { ObjectInfo, ObjectStore } from '../object-store.js'
import type { ObjectOffset } from '../object-offset.js'
import type { ObjectFormat } from '../options.js'
import { formatOf } from '../suffix.js'
import { readAhead } from './chunks.js'
import { ContentDigest, blockStart } from './content-digest.js'
import { readHead } from './head.js'
import { Unpacked } from './unpacked.js'

/** What one read of one object needs. @internal */
export interface ReadObject<Info extends ObjectInfo> {
  readonly store: ObjectStore<Info>
  readonly object: Info
  readonly format: ObjectFormat
  readonly maxRecordBytes: number
  readonly after: ObjectOffset | undefined
  readonly receivedAtMillis: number
  readonly signal: AbortSignal
}

/** A batch of one object. @internal */
export type ObjectBatch = SourceBatch<Uint8Array, ObjectOffset> & { readonly records: PackedRecords }

/**
 * The batches of one object, in order. The last one comes only after the store has confirmed that the object did not change,
 * carries the digest, and has the offset that leads to nothing more: so each batch is held back until the next is known.
 * @internal
 */
export async function* readObject<Info extends ObjectInfo>(read: ReadObject<Info>): AsyncGenerator<ObjectBatch, void> {
  if (read.after?.frame === 'done') return
  const reader = new ObjectReader(read)
  let held: ObjectBatch | undefined
  for await (const batch of reader.batches()) {
    if (held !== undefined) yield held
    held = batch
  }
  await read.store.verify(read.object, read.signal)
  if (held !== undefined) yield reader.asLast(held)
}

class ObjectReader<Info extends ObjectInfo> {
  private readonly read: ReadObject<Info>
  private readonly failures: Failures
  private readonly unpacked: Unpacked
  private readonly columns = new Columns()
  private readonly digest: ContentDigest
  /** Byte offset in the unpacked content, behind the last chunk that was framed. */
  private position: number
  /** Bytes before this are hashed, not framed. */
  private frameFrom: number

  constructor(read: ReadObject<Info>) {
    const { store, object, after, signal } = read
    this.read = read
    this.failures = new Failures(object.name, read.maxRecordBytes)
    this.unpacked = new Unpacked((fromByte) => store.open(object, fromByte, signal), this.failures)
    this.frameFrom = after?.byte ?? 0
    this.digest = new ContentDigest(blockStart(this.frameFrom), after?.chain)
    this.position = after?.packing === 'none' ? blockStart(this.frameFrom) : 0
  }

  async *batches(): AsyncGenerator<ObjectBatch, void> {
    const chunks = readAhead(this.position > 0 ? this.unpacked.fromByte(this.position) : this.unpacked.fromStart())
    try {
      const head = this.read.after === undefined ? await readHead(chunks) : undefined
      this.frameFrom += head?.bomBytes ?? 0
      const framer = head?.binary === true ? this.binary(head.utf16) : this.framer()
      for (const bytes of head?.chunks ?? []) yield* this.frame(framer, bytes)
      for await (const bytes of chunks) yield* this.frame(framer, bytes)
      yield* this.end(framer)
    } finally {
      await chunks.return()
    }
  }

  /** The batch as the last one of the object. */
  asLast(batch: ObjectBatch): ObjectBatch {
    return {
      ...batch,
      offset: { ...batch.offset, byte: this.position, frame: 'done', chain: this.digest.chain },
      consumedBytes: this.unpacked.consumedBytes,
      ...(this.position === 0 ? {} : { contentDigest: this.digest.finish() }),
    }
  }

  private *frame(framer: Framer, bytes: Buffer): Generator<ObjectBatch, void> {
    const chunk: Chunk = { bytes, start: this.position }
    this.position += bytes.length
    let at = Math.max(0, this.frameFrom - chunk.start)
    while (at < bytes.length) {
      at = framer.run(chunk, at, this.columns)
      if (this.columns.count > 0) yield this.batch(framer, chunk, framer.pendingFrom ?? chunk.start + at)
    }
    this.digest.advance(bytes, chunk.start, this.position)
  }

  private *end(framer: Framer): Generator<ObjectBatch, void> {
    if (this.position < this.frameFrom) {
      throw changedWhileRead(this.read.object.name, `it ends before byte ${this.frameFrom}, where an earlier read had come`)
    }
    framer.end(this.position, this.columns, this.unpacked.cut)
    if (this.columns.count > 0) yield this.batch(framer, { bytes: Buffer.alloc(0), start: this.position }, this.position)
  }

  private batch(framer: Framer, chunk: Chunk, byte: number): ObjectBatch {
    // Hashed before the buffer is handed over.
    this.digest.advance(chunk.bytes, chunk.start, byte)
    return {
      records: this.columns.take(chunk.bytes, this.read.receivedAtMillis),
      offset: { byte, frame: framer.state, packing: this.unpacked.packing, chain: this.digest.chain },
      consumedBytes: this.unpacked.consumedBytes,
    }
  }

  private binary(utf16: boolean): Framer {
    return new FailedFramer(this.failures.binary(0, utf16, this.unpacked.packing === 'gzip'), this.failures.maxRecordBytes)
  }

  private framer(): Framer {
    const { after, format, object } = this.read
    const { failures } = this
    if (after !== undefined) {
      if (after.frame === 'lines') return new LinesFramer(failures)
      return after.frame === 'document' || after.frame === 'done' ? new DocumentFramer(failures)
        : new ArrayFramer(failures, after.frame)
    }
    const chosen = format === 'auto' ? object.format ?? formatOf(object.name) ?? 'auto' : format
    if (chosen === 'lines') return new LinesFramer(failures)
    if (chosen === 'array') return new ArrayFramer(failures, 'start')
    return chosen === 'document' ? new DocumentFramer(failures) : new DetectingFramer(failures)
  }
}

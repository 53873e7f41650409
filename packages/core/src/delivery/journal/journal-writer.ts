import type { SourceBatch } from '../../source.js'
import { classified } from '../files/file-errors.js'
import { BatchEncoder } from './batch-encoder.js'
import type { JournalFiles, JournalHook } from './journal-files.js'
import { SEGMENT_BYTES } from './record-form.js'
import { segmentPath, segmentsBehind, type Segment } from './segments.js'

/** What is there when a journal was opened. */
export interface JournalState {
  readonly directory: string
  /** Its id. */
  readonly journal: string
  /** Of the lost one that it goes on from, if it has no segment yet. */
  readonly before: string | undefined
  readonly segments: readonly Segment[]
  /** Of the last record, 0 if there never was one. */
  readonly lastNumber: number
  /** When it was received, or a later one that was processed and lost; NaN if there is none. */
  readonly lastMillis: number
  /** Of the next record: beyond the last one by more than 1 if the journal has lost its end. */
  readonly nextNumber: number
}

/** Where a writer writes, and how. */
export interface WriterOptions {
  readonly segmentBytes: number
  readonly keep: boolean
  readonly files: JournalFiles
  readonly hook?: JournalHook | undefined
}

/** What is appended together: a gap comes before the records, silence behind them. */
export type Appended = Pick<SourceBatch<Uint8Array, unknown>, 'records' | 'gap' | 'silentMillis'>

/** Appends to a journal. A batch is in it whole or not at all, and not split over segments. */
export class JournalWriter {
  readonly directory: string
  readonly journal: string
  readonly segments: Segment[]
  lastNumber: number
  lastMillis: number
  readonly #before: string | undefined
  #nextNumber: number
  readonly #options: WriterOptions
  readonly #encoder = new BatchEncoder()
  #descriptor: number | undefined
  /** Segments that are full, and not yet safe from a power cut. */
  #unsynced: Segment[] = []
  #newNames = false

  constructor(state: JournalState, options: WriterOptions) {
    this.directory = state.directory
    this.journal = state.journal
    this.#before = state.before
    this.segments = [...state.segments]
    this.lastNumber = state.lastNumber
    this.lastMillis = state.lastMillis
    this.#nextNumber = state.nextNumber
    this.#options = options
  }

  /** Bytes of the journal up to its end, counted from the first segment that was there when it was opened. */
  get end(): number {
    const last = this.segments.at(-1)
    return last === undefined ? 0 : last.base + last.bytes
  }

  /** @throws ConnectorError if the disk does not take it: then nothing of it is in the journal */
  append({ gap, records, silentMillis }: Appended): void {
    const { hook } = this.#options
    hook?.('append', 'before')
    this.#encoder.begin(this.#nextNumber, this.lastMillis)
    if (gap !== undefined) this.#encoder.gap(gap)
    this.#encoder.records(records)
    if (silentMillis !== undefined) this.#encoder.silence(silentMillis)
    if (this.#encoder.nextNumber === this.#nextNumber) return
    try {
      this.#write()
    } catch (error) {
      throw classified(error, `Appending to the journal in ${this.directory}`, 'JournalFile')
    }
    this.#nextNumber = this.#encoder.nextNumber
    this.lastNumber = this.#nextNumber - 1
    this.lastMillis = this.#encoder.lastMillis
    hook?.('append', 'after')
  }

  #write(): void {
    const active = this.segments.at(-1)
    const bytes = this.#encoder.end - SEGMENT_BYTES
    const follows = active !== undefined && this.#nextNumber === this.lastNumber + 1
    if (follows && active.bytes + bytes <= this.#options.segmentBytes) this.#continue(active)
    else this.#begin(active)
  }

  #continue(active: Segment): void {
    const { files } = this.#options
    this.#descriptor ??= files.open(active.path)
    const descriptor = this.#descriptor
    try {
      active.bytes = this.#put(descriptor, SEGMENT_BYTES, active.bytes)
    } catch (error) {
      // What was written of it would be taken for a record that a crash has cut; if it stays, it will be cut off at the next start.
      attempt(() => files.truncate(descriptor, active.bytes))
      throw error
    }
  }

  #begin(active: Segment | undefined): void {
    const { files, hook } = this.#options
    const first = this.#nextNumber
    const path = segmentPath(this.directory, first)
    hook?.('create', 'before')
    const descriptor = files.create(path)
    try {
      hook?.('create', 'middle')
      const before = active === undefined ? this.#before : undefined
      this.#encoder.segmentHead(first, { journal: this.journal, before, previousNumber: this.lastNumber, previousMillis: this.lastMillis })
      const bytes = this.#put(descriptor, 0, 0)
      this.#leave(active)
      this.segments.push({ path, first, bytes, base: active === undefined ? 0 : active.base + active.bytes })
      this.#descriptor = descriptor
      this.#newNames = true
    } catch (error) {
      attempt(() => files.close(descriptor))
      attempt(() => files.discard(path))
      throw error
    }
    hook?.('create', 'after')
  }

  #leave(active: Segment | undefined): void {
    if (active !== undefined) this.#unsynced.push(active)
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    if (descriptor !== undefined) attempt(() => this.#options.files.close(descriptor))
  }

  /** Writes what is encoded, from there on. Answers where it ends in the file. */
  #put(descriptor: number, from: number, position: number): number {
    const { hook } = this.#options
    const { buffer, end } = this.#encoder
    const shift = position - from
    let at = from
    if (hook !== undefined) {
      at = this.#putAll(descriptor, buffer, at, Math.floor((from + end) / 2), shift)
      hook('append', 'middle')
    }
    return this.#putAll(descriptor, buffer, at, end, shift) + shift
  }

  #putAll(descriptor: number, buffer: Buffer, from: number, to: number, shift: number): number {
    let at = from
    while (at < to) at += this.#options.files.write(descriptor, buffer, at, to, at + shift)
    return at
  }

  /**
   * Makes safe from a power cut what is behind `upTo`, then removes segments that hold nothing behind it. Not while the writer is
   * being closed.
   */
  async settle(upTo: number): Promise<void> {
    const { keep, hook } = this.#options
    const behind = keep ? [] : segmentsBehind(this.segments, upTo)
    hook?.('sync', 'before')
    await this.sync(behind)
    hook?.('sync', 'after')
    if (behind.length === 0) return
    hook?.('delete', 'before')
    for (const [index, { path }] of behind.entries()) {
      if (index > 0) hook?.('delete', 'middle')
      await this.#options.files.remove(path)
      this.segments.shift()
    }
    hook?.('delete', 'after')
  }

  /** Everything that is in it outlives a power cut after this, but for segments that need not. */
  async sync(except: readonly Segment[] = []): Promise<void> {
    const { files, hook } = this.#options
    const full = this.#unsynced
    const active = this.segments.at(-1)
    const newNames = this.#newNames
    this.#unsynced = []
    this.#newNames = false
    try {
      for (const segment of full) if (!except.includes(segment)) await files.syncFile(segment.path)
      if (active !== undefined) await files.syncFile(active.path)
      hook?.('sync', 'middle')
      if (newNames) await files.syncFolder(this.directory)
    } catch (error) {
      this.#unsynced = [...full, ...this.#unsynced]
      this.#newNames ||= newNames
      throw error
    }
  }

  close(): void {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    if (descriptor !== undefined) this.#options.files.close(descriptor)
  }
}

/** What could not be undone does not hide why it should have been. */
const attempt = (run: () => void): void => {
  try {
    run()
  } catch {
    // The first error is thrown.
  }
}

import type { Gap } from '../gap.js'
import type { AnySource, ReadStage } from '../pipeline/stage.js'
import { sizeOf } from '../ports/value-records.js'
import { endOfPartition, memoryBatch, type MemoryBatch } from './memory-entries.js'
import { memorySource, type MemorySource } from './memory-source.js'

const partition = 'test'
const maxBatchRecords = 1_024

/** What a test may say of the records it sends. @public */
export interface SendOptions {
  /** When they were received, Unix epoch; default: the test's clock. */
  readonly receivedAtMillis?: number
  /** Of each of them. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** As a source of bytes would give it: text as it is, other values as their JSON. */
const asBytes = (value: unknown, read: string): Uint8Array => {
  if (value instanceof Uint8Array) return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (typeof text === 'string') return Buffer.from(text)
  throw new TypeError(`testPipeline: send('${read}', …): ${String(value)} has no JSON form, and what this read gives is parsed as JSON: send bytes, text or plain data`)
}

/** A source that gives what a test sends, in the place of a read's own; bounded if that was. */
export class TestInput {
  readonly source: AnySource
  readonly bounded: boolean
  readonly #memory: MemorySource<unknown>
  #sentRecords = 0
  #sentBatches = 0
  #settled = -1
  #ended = false
  #watermarkMillis = Number.NEGATIVE_INFINITY

  constructor(
    readonly read: ReadStage,
    readonly parsed: boolean,
  ) {
    const { name, capabilities } = read.source
    this.bounded = capabilities.bounded
    // It stays open for what is sent, whatever it stands for; core acknowledges what it has handled.
    this.#memory = memorySource<unknown>({ name, partitions: [{ name: partition, entries: [] }], capabilities: { bounded: false, acknowledges: false } })
    this.source = {
      ...this.#memory,
      capabilities: { bounded: capabilities.bounded, replayable: true, acknowledges: true },
      settle: async (_partition: string, upTo: number) => void (this.#settled = Math.max(this.#settled, upTo)),
    }
  }

  /** Records. */
  get sent(): number {
    return this.#sentRecords
  }

  /** Whether all that was sent is through the pipeline, and its rows are written. */
  get settled(): boolean {
    return this.#ended || this.#settled === this.#sentBatches - 1
  }

  send(values: readonly unknown[], nowMillis: number, { receivedAtMillis = nowMillis, attributes }: SendOptions): void {
    const records = values.map((given, i) => {
      const value = this.parsed ? asBytes(given, this.read.name) : given
      return { value, position: [this.#sentRecords + i], receivedAtMillis, bytes: sizeOf(value), ...(attributes && { attributes }) }
    })
    this.#sentRecords += records.length
    for (let from = 0; from < records.length; from += maxBatchRecords) this.#push(memoryBatch<unknown>(records.slice(from, from + maxBatchRecords)))
  }

  gap(gap: Gap): void {
    this.#push(memoryBatch<unknown>([], { gap }))
  }

  /** @throws RangeError naming the read */
  checkWatermark(toMillis: number): void {
    const say = `testPipeline: advanceWatermark(${toMillis}) of read '${this.read.name}'`
    if (!Number.isFinite(toMillis)) throw new RangeError(`${say}: give Unix milliseconds; end() is the end of time`)
    if (toMillis < this.#watermarkMillis) throw new RangeError(`${say}: a watermark never goes back, and it was advanced to ${this.#watermarkMillis} before`)
  }

  advanceWatermark(floorMillis: number): void {
    this.#watermarkMillis = floorMillis
    this.#push(memoryBatch<unknown>([], { floorMillis }))
  }

  end(): void {
    this.#ended = true
    this.#memory.push(partition, endOfPartition)
  }

  #push(batch: MemoryBatch<unknown>): void {
    this.#sentBatches++
    this.#memory.push(partition, batch)
  }
}

import type { PartitionProgress } from '../delivery/checkpoint-form.js'
import { safeJson } from '../codec/safe-json.js'
import type { Data } from '../data.js'
import { ConnectorError } from '../failure.js'
import type { Partition } from '../source.js'
import type { CompiledRead } from './compile.js'

interface Entry {
  /** As the source knows it; after a restart undefined until the partition moves. */
  raw: unknown
  offset: Data | undefined
  ended: boolean
  digest: string | undefined
  consumedBytes: number
}

/** Where a partition has come to since the last checkpoint. */
export interface ProgressChange {
  readonly partition: string
  readonly raw: unknown
  readonly offset: Data | undefined
  readonly ended: boolean
  readonly digest: string | undefined
}

/** How far the partitions of one read have come, and which of them moved since the last checkpoint. */
export class ReadProgress {
  readonly #entries = new Map<string, Entry>()
  readonly #moved = new Set<string>()
  readonly #sizes: ReadonlyMap<string, number>

  constructor(
    readonly read: CompiledRead,
    readonly partitions: readonly Partition[],
  ) {
    this.#sizes = new Map(partitions.map(({ name, sizeBytes = 0 }) => [name, sizeBytes]))
    for (const { name } of partitions) this.#entries.set(name, { raw: undefined, offset: undefined, ended: false, digest: undefined, consumedBytes: 0 })
  }

  #entry(partition: string): Entry {
    return this.#entries.get(partition) as Entry // as: only partitions that the source listed are read
  }

  moveTo(partition: string, offset: unknown, digest: string | undefined, consumedBytes: number | undefined): void {
    const entry = this.#entry(partition)
    entry.raw = offset
    entry.offset = this.read.stage.source.offset.encode(offset)
    entry.digest = digest ?? entry.digest
    entry.consumedBytes = consumedBytes ?? entry.consumedBytes
    this.#moved.add(partition)
  }

  end(partition: Partition): void {
    const entry = this.#entry(partition.name)
    entry.ended = true
    entry.consumedBytes = partition.sizeBytes ?? entry.consumedBytes
    this.#moved.add(partition.name)
  }

  digestOf(partition: string): string | undefined {
    return this.#entries.get(partition)?.digest
  }

  get consumedBytes(): number {
    let sum = 0
    for (const { consumedBytes } of this.#entries.values()) sum += consumedBytes
    return sum
  }

  /** Undefined where a partition's size is not known. */
  get totalBytes(): number | undefined {
    return this.partitions.every(({ sizeBytes }) => sizeBytes !== undefined) ? this.partitions.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0) : undefined
  }

  /** What is still to be read, each from where it was left. */
  open(): { readonly partition: Partition; readonly after: unknown }[] {
    return this.partitions.flatMap((partition) => {
      const { ended, offset } = this.#entry(partition.name)
      return ended ? [] : [{ partition, after: offset === undefined ? undefined : this.#decode(partition.name, offset) }]
    })
  }

  #decode(partition: string, offset: Data): unknown {
    const decoded = this.read.stage.source.offset.decode(offset)
    if (decoded._tag === 'Right') return decoded.right
    const message = `the checkpoint holds an offset of '${partition}' that source '${this.read.stage.source.name}' does not understand: ${safeJson(offset, 200)}`
    throw new ConnectorError({ _tag: 'Offset', code: 'DataLoss', message })
  }

  /** False if the source does not list the partition any more. */
  restore(partition: string, saved: PartitionProgress): boolean {
    if (!this.#entries.has(partition)) return false
    const sizeBytes = this.#sizes.get(partition) ?? 0
    this.#entries.set(partition, { raw: undefined, offset: saved.offset, ended: saved.ended, digest: saved.digest, consumedBytes: saved.ended ? sizeBytes : 0 })
    return true
  }

  takeChanges(all: boolean): ProgressChange[] {
    const names = all ? [...this.#entries.keys()] : [...this.#moved]
    this.#moved.clear()
    return names.map((partition) => {
      const { raw, offset, ended, digest } = this.#entry(partition)
      return { partition, raw, offset, ended, digest }
    })
  }
}

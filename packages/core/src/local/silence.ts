import type { PackedRecords, SourceBatch, SourceRecord } from '../source.js'
import { AwakeTime } from '../time/awake-time.js'
import type { Clock } from '../time/clock.js'

/** By row, if any record tells. */
export const silencesOf = ({ records }: SourceBatch<unknown, unknown>): Float64Array | undefined => {
  if (!Array.isArray(records)) return (records as PackedRecords).silentMillis // as: not a list, so packed
  const list = records as readonly SourceRecord<unknown>[] // as: isArray does not narrow readonly arrays
  return list.some(({ silentMillis }) => silentMillis !== undefined) ? Float64Array.from(list, ({ silentMillis = 0 }) => silentMillis) : undefined
}

interface Lane {
  isListening: boolean
  sinceMillis: number
  queued: number
}

/**
 * How long partitions of a read have had nothing to say: counted only while the source listens, nothing of the partition waits, and
 * there is room for more. Back-pressure, reconnecting and stalls are not silence.
 */
export class Silence {
  readonly #lanes = new Map<string, Lane>()
  readonly #awake: AwakeTime
  #isPaused = false

  constructor(clock: Clock) {
    this.#awake = new AwakeTime(clock)
  }

  #lane(partition: string): Lane {
    let lane = this.#lanes.get(partition)
    if (lane === undefined) this.#lanes.set(partition, (lane = { isListening: false, sinceMillis: 0, queued: 0 }))
    return lane
  }

  listen(partition: string, isListening: boolean): void {
    const lane = this.#lane(partition)
    if (isListening && !lane.isListening) lane.sinceMillis = this.#awake.millis
    lane.isListening = isListening
  }

  pause(isPaused: boolean): void {
    if (this.#isPaused && !isPaused) for (const lane of this.#lanes.values()) lane.sinceMillis = this.#awake.millis
    this.#isPaused = isPaused
  }

  queue(partition: string): void {
    this.#lane(partition).queued++
  }

  /** What was queued is being processed now. */
  take(partition: string): void {
    const lane = this.#lane(partition)
    lane.queued--
    lane.sinceMillis = this.#awake.millis
  }

  /** 0 where silence does not count. */
  millis(partition: string): number {
    const { isListening, sinceMillis, queued } = this.#lane(partition)
    return isListening && queued === 0 && !this.#isPaused ? this.#awake.millis - sinceMillis : 0
  }

  /** Whether any partition is heard. */
  get isListening(): boolean {
    for (const { isListening } of this.#lanes.values()) if (isListening) return true
    return false
  }
}

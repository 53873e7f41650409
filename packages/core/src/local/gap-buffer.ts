import type { Gap, GapRow } from '../gap.js'
import { stableId } from '../pipeline/stable-id.js'
import type { Row } from '../row.js'

/** Gaps of all sources that wait for the epoch. */
export class GapBuffer {
  #rows: Row<GapRow>[] = []
  /** Of this process. */
  count = 0

  constructor(readonly pipeline: string) {}

  add(read: string, partition: string, { fromMillis, toMillis, reason }: Gap): void {
    const id = stableId([this.pipeline, read, partition, fromMillis, toMillis, reason])
    this.#rows.push({ rowId: id, value: { gap_id: id, source_name: read, from_time: fromMillis, to_time: toMillis, reason } })
    this.count++
  }

  take(): readonly Row<GapRow>[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }
}

import { hash } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import { safeJson } from '../codec/safe-json.js'
import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import type { Failure } from '../failure.js'
import type { Row } from '../sink.js'
import type { Clock } from '../time/clock.js'
import { ElementView, type Elements } from './elements.js'
import { stackOf } from './failure-of.js'
import type { RejectDetails } from './operator.js'
import type { Payload, Records } from './records.js'

const maxStageValueBytes = 64 * 1024

/** Enough to end an epoch early: what waits is held in memory. */
const maxWaitingRows = 5_000
const maxWaitingBytes = 8 * 1024 * 1024

interface PayloadColumns {
  readonly payload_text: string | null
  readonly payload_base64: string | null
}

const noPayload: PayloadColumns = { payload_text: null, payload_base64: null }

const payloadColumns = (payload: Payload | undefined): PayloadColumns => {
  if (payload === undefined) return noPayload
  const { value } = payload
  if (!(value instanceof Uint8Array)) return { payload_text: safeJson(value, 16 * 1024 * 1024), payload_base64: null }
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return isUtf8(bytes) ? { payload_text: bytes.toString('utf8'), payload_base64: null } : { payload_text: null, payload_base64: bytes.toString('base64') }
}

const comparePaths = (a: readonly number[], b: readonly number[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = (a[i] as number) - (b[i] as number) // as: i is below both lengths
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** The dead letters of one source record in one epoch; only the row of the lowest path carries the payload. */
interface RecordGroup {
  readonly payload: PayloadColumns
  readonly rows: { readonly path: readonly number[]; readonly row: DeadLetter }[]
}

/** A stable id: equal parts give equal ids, on every engine. */
export const stableId = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)

/** Collects what could not be processed until the epoch writes it, whole records at a time. */
export class DeadLetterBuffer {
  /** By batch and row: within an epoch a source record is in one batch. */
  readonly #groups = new Map<Records, Map<number, RecordGroup>>()
  #rows = 0
  #bytes = 0

  constructor(
    readonly pipeline: string,
    readonly version: string,
    readonly clock: Clock,
    /** Connector that a stage's elements come from, by source name. */
    readonly connectors: ReadonlyMap<string, string>,
  ) {}

  get size(): number {
    return this.#rows
  }

  get full(): boolean {
    return this.#rows >= maxWaitingRows || this.#bytes >= maxWaitingBytes
  }

  add(stage: string, kind: StageKind, elements: Elements, index: number, failure: Failure, details: RejectDetails): void {
    const view = new ElementView(elements)
    view.index = index
    const payload = elements.records.payload(view.row)
    const row = this.#row(stage, kind, view, failure, details, payload?.truncated ?? false)
    const group = this.#group(elements.records, view.row, payload)
    group.rows.push({ path: view.path, row })
    this.#rows++
    this.#bytes += (row.stage_value_json?.length ?? 0) + row.error_message.length
  }

  /** Everything that waits, as rows for the dead-letter sink; the buffer is empty afterwards. */
  take(): Row<DeadLetter>[] {
    const rows: Row<DeadLetter>[] = []
    for (const groups of this.#groups.values()) {
      for (const { payload, rows: group } of groups.values()) {
        group.sort((a, b) => comparePaths(a.path, b.path))
        group.forEach(({ row }, i) => rows.push({ value: i === 0 ? { ...row, ...payload } : row, rowId: row.dead_letter_id }))
      }
    }
    this.#groups.clear()
    this.#rows = 0
    this.#bytes = 0
    return rows
  }

  #group(records: Records, row: number, payload: Payload | undefined): RecordGroup {
    let groups = this.#groups.get(records)
    if (groups === undefined) this.#groups.set(records, (groups = new Map()))
    let group = groups.get(row)
    if (group !== undefined) return group
    groups.set(row, (group = { payload: payloadColumns(payload), rows: [] }))
    this.#bytes += (group.payload.payload_text ?? group.payload.payload_base64)?.length ?? 0
    return group
  }

  #row(stage: string, kind: StageKind, view: ElementView, failure: Failure, details: RejectDetails, truncated: boolean): DeadLetter {
    const { origin, path, eventTimeMillis, attributes } = view
    return {
      dead_letter_id: stableId([this.pipeline, stage, origin.source, origin.partition, origin.position, path]),
      occurred_at: this.clock.now(),
      pipeline: this.pipeline,
      pipeline_version: this.version,
      stage,
      stage_kind: kind,
      connector: this.connectors.get(origin.source) ?? null,
      error_code: failure.code,
      error_class: failure._tag,
      error_message: failure.message,
      error_path: failure.path ?? null,
      stack: stackOf(failure),
      retryable: failure.retryable ?? false,
      attempt: details.attempt ?? 1,
      source_name: origin.source,
      source_partition: origin.partition,
      source_position: JSON.stringify(origin.position),
      path: JSON.stringify(path),
      event_key: details.key ?? null,
      event_time: Number.isFinite(eventTimeMillis) ? eventTimeMillis : null,
      window_start: details.window?.startMillis ?? null,
      window_end: details.window?.endMillis ?? null,
      ...noPayload,
      payload_truncated: truncated,
      stage_value_json: kind === 'read' || kind === 'parse' ? null : safeJson(view.value, maxStageValueBytes),
      attributes_json: attributes === undefined ? null : JSON.stringify(attributes),
      trace_id: null,
      replay_of: null,
      replay_count: 0,
      status: 'open',
    }
  }
}

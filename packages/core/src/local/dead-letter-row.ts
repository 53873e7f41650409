import { isUtf8 } from 'node:buffer'
import { safeJson } from '../codec/safe-json.js'
import type { DeadLetterIds } from '../dead-letter/id.js'
import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import type { Failure } from '../failure.js'
import { partsJson } from '../pipeline/stable-id.js'
import type { ElementView } from './elements.js'
import { stackOf } from './failure-of.js'
import type { RejectDetails } from './reject-details.js'
import type { Payload } from './records.js'

const maxStageValueBytes = 64 * 1024
const maxPayloadJsonBytes = 16 * 1024 * 1024

/** The source record as its dead letter shows it: text if it is valid UTF-8, else base64. */
export interface PayloadText {
  readonly text: string | null
  readonly base64: string | null
}

const absent: PayloadText = { text: null, base64: null }

/** A record as the columns of a dead letter hold it: text where it is valid UTF-8, base64 where it is not. */
export const payloadText = (payload: Payload | undefined): PayloadText => {
  if (payload === undefined) return absent
  const { value } = payload
  if (!(value instanceof Uint8Array)) return { text: safeJson(value, maxPayloadJsonBytes), base64: null }
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), base64: null } : { text: null, base64: bytes.toString('base64') }
}

/** What all dead letters of a run share. */
export interface LetterContext {
  readonly pipeline: string
  readonly version: string
  /** By read stage: the source that its records come from. */
  readonly connectors: ReadonlyMap<string, string>
}

/** What users and files say may hold lone surrogates, which neither MessagePack nor a database takes. */
const wellFormed = <T extends string | null>(text: T): T => (text === null ? text : String(text).toWellFormed()) as T // as: a text stays one

/** A row that may still be given the payload of its record. */
export type OpenRow = { -readonly [K in keyof DeadLetter]: DeadLetter[K] }

/** What is known of a dead letter apart from its element. */
export interface Reason {
  readonly stage: string
  readonly kind: StageKind
  readonly failure: Failure
  readonly details: RejectDetails
  readonly occurredAtMillis: number
}

/** The flat row, all of it copied: it keeps no batch alive. Without the payload: one row of its record carries that. */
export const deadLetterOf = ({ stage, kind, failure, details, occurredAtMillis }: Reason, view: ElementView, ids: DeadLetterIds, context: LetterContext): OpenRow => {
  const { origin, attributes, eventTimeMillis } = view
  const positionJson = partsJson(origin.position)
  const pathJson = partsJson(view.path)
  return {
    dead_letter_id: ids.of(origin, positionJson, pathJson),
    occurred_at: occurredAtMillis,
    pipeline: context.pipeline,
    pipeline_version: context.version,
    stage,
    stage_kind: kind,
    connector: context.connectors.get(origin.source) ?? null,
    error_code: failure.code,
    error_class: wellFormed(failure._tag),
    error_message: wellFormed(failure.message),
    error_path: wellFormed(failure.path ?? null),
    stack: wellFormed(stackOf(failure)),
    retryable: failure.retryable ?? false,
    attempt: details.attempt ?? 1,
    source_name: origin.source,
    source_partition: origin.partition,
    source_position: positionJson,
    path: pathJson,
    event_key: details.key ?? null,
    event_time: Number.isFinite(eventTimeMillis) ? eventTimeMillis : null,
    window_start: details.window?.startMillis ?? null,
    window_end: details.window?.endMillis ?? null,
    payload_text: null,
    payload_base64: null,
    payload_truncated: false,
    stage_value_json: kind === 'read' || kind === 'parse' ? null : safeJson(view.value, maxStageValueBytes),
    attributes_json: attributes === undefined ? null : JSON.stringify(attributes),
    trace_id: null,
    replay_of: null,
    replay_count: 0,
    status: 'open',
  }
}

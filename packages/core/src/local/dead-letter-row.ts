import { isUtf8 } from 'node:buffer'
import { safeJson } from '../codec/safe-json.js'
import { deadLetterId } from '../dead-letter/id.js'
import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import type { Origin } from '../envelope.js'
import type { Failure } from '../failure.js'
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

/** One dead letter before it is known which of its record's rows carries the payload: a copy, which keeps no batch alive. */
export interface Letter {
  readonly stage: string
  readonly kind: StageKind
  readonly failure: Failure
  readonly details: RejectDetails
  readonly origin: Origin
  readonly path: readonly number[]
  readonly eventTimeMillis: number
  readonly attributes: Readonly<Record<string, string>> | undefined
  readonly valueJson: string | null
  readonly occurredAtMillis: number
}

/** Everything about one failed element, copied: its batch need not be kept. */
export const letterOf = (stage: string, kind: StageKind, view: ElementView, failure: Failure, details: RejectDetails, occurredAtMillis: number): Letter => {
  const { origin, path, eventTimeMillis, attributes } = view
  const valueJson = kind === 'read' || kind === 'parse' ? null : safeJson(view.value, maxStageValueBytes)
  return { stage, kind, failure, details, origin, path, eventTimeMillis, attributes, valueJson, occurredAtMillis }
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

/** The flat row. */
export const deadLetterOf = (letter: Letter, payload: PayloadText, truncated: boolean, context: LetterContext): DeadLetter => {
  const { stage, kind, failure, details, origin, path } = letter
  return {
    dead_letter_id: deadLetterId(context.pipeline, stage, origin, path),
    occurred_at: letter.occurredAtMillis,
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
    source_position: JSON.stringify(origin.position),
    path: JSON.stringify(path),
    event_key: details.key ?? null,
    event_time: Number.isFinite(letter.eventTimeMillis) ? letter.eventTimeMillis : null,
    window_start: details.window?.startMillis ?? null,
    window_end: details.window?.endMillis ?? null,
    payload_text: payload.text,
    payload_base64: payload.base64,
    payload_truncated: truncated,
    stage_value_json: letter.valueJson,
    attributes_json: letter.attributes === undefined ? null : JSON.stringify(letter.attributes),
    trace_id: null,
    replay_of: null,
    replay_count: 0,
    status: 'open',
  }
}

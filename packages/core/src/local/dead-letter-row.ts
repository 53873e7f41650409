import { safeJson } from '../codec/safe-json.js'
import type { DeadLetterIds } from '../dead-letter/id.js'
import type { PayloadText } from '../dead-letter/payload.js'
import type { DeadLetter, StageKind } from '../dead-letter/row.js'
import type { Position } from '../envelope.js'
import type { ErrorCode, Failure } from '../failure.js'
import { partsJson } from '../pipeline/stable-id.js'
import type { ElementView } from './elements.js'
import { stackOf } from './failure-of.js'
import { noDetails, type RejectDetails } from './reject-details.js'

const maxStageValueBytes = 64 * 1024

/** In place of the index of a payload. */
export const noPayload = -1

/** What all dead letters of a run share. */
export interface LetterContext {
  readonly pipeline: string
  readonly version: string
  /** By read stage: the source that its records come from. */
  readonly connectors: ReadonlyMap<string, string>
}

/** What users and files say may hold lone surrogates, which neither MessagePack nor a database takes. Failures may hold no text at all. */
const wellFormed = (text: string): string => (typeof text === 'string' && text.isWellFormed() ? text : String(text).toWellFormed())

const wellFormedOrNull = (text: string | null | undefined): string | null => (text === null || text === undefined ? null : wellFormed(text))

/**
 * A dead letter until its epoch writes it: it keeps no batch alive (paths, positions and details are never written to again), and nothing that can be made
 * again. What waits is copied by the collector twice, which took more time than making it.
 */
export interface WaitingLetter {
  /** Those of the stage. */
  readonly ids: DeadLetterIds
  readonly kind: StageKind
  readonly source: string
  readonly partition: string
  /** A single part stands for itself. */
  readonly position: Position | number
  readonly path: readonly number[]
  readonly code: ErrorCode
  readonly errorClass: string
  readonly message: string
  readonly errorPath: string | null
  readonly stack: string | null
  readonly retryable: boolean
  readonly details: RejectDetails
  readonly stageValueJson: string | null
  readonly attributesJson: string | null
  /** Its index among the payloads, or `noPayload`: of each record one letter has it. */
  payload: number
  payloadTruncated: boolean
}

const isEmpty = ({ key, window, attempt }: RejectDetails): boolean => key === undefined && window === undefined && attempt === undefined

/** Without the payload. */
export const waitingLetter = (ids: DeadLetterIds, kind: StageKind, view: ElementView, failure: Failure, details: RejectDetails): WaitingLetter => {
  const { attributes } = view
  const { source, partition, position } = view.origin
  const [only] = position
  return {
    ids,
    kind,
    source,
    partition,
    position: position.length === 1 && typeof only === 'number' ? only : position,
    path: view.path,
    code: failure.code,
    errorClass: wellFormed(failure._tag),
    message: wellFormed(failure.message),
    errorPath: wellFormedOrNull(failure.path),
    stack: wellFormedOrNull(stackOf(failure)),
    retryable: failure.retryable ?? false,
    details: isEmpty(details) ? noDetails : details,
    stageValueJson: kind === 'read' || kind === 'parse' ? null : safeJson(view.value, maxStageValueBytes),
    attributesJson: attributes === undefined ? null : JSON.stringify(attributes),
    payload: noPayload,
    payloadTruncated: false,
  }
}

/** The flat row of a letter that has waited. Times are Unix milliseconds; `NaN` is no event time. */
export const deadLetterOf = (letter: WaitingLetter, payload: PayloadText, occurredAtMillis: number, eventTimeMillis: number, context: LetterContext): DeadLetter => {
  const { ids, source, partition, path, details } = letter
  const position = typeof letter.position === 'number' ? [letter.position] : letter.position
  return {
    dead_letter_id: ids.of(source, partition, position, path),
    occurred_at: occurredAtMillis,
    pipeline: context.pipeline,
    pipeline_version: context.version,
    stage: ids.stage,
    stage_kind: letter.kind,
    connector: context.connectors.get(source) ?? null,
    error_code: letter.code,
    error_class: letter.errorClass,
    error_message: letter.message,
    error_path: letter.errorPath,
    stack: letter.stack,
    retryable: letter.retryable,
    attempt: details.attempt ?? 1,
    source_name: source,
    source_partition: partition,
    source_position: partsJson(position),
    path: partsJson(path),
    event_key: details.key ?? null,
    event_time: Number.isFinite(eventTimeMillis) ? eventTimeMillis : null,
    window_start: details.window?.startMillis ?? null,
    window_end: details.window?.endMillis ?? null,
    payload_text: payload.text,
    payload_base64: payload.base64,
    payload_truncated: letter.payloadTruncated,
    stage_value_json: letter.stageValueJson,
    attributes_json: letter.attributesJson,
    trace_id: null,
    replay_of: null,
    replay_count: 0,
    status: 'open',
  }
}

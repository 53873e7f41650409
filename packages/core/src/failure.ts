/**
 * gRPC-like names: the closed set that code may act upon. Never act on a message.
 * @public
 */
export type ErrorCode =
  | 'Cancelled'
  | 'Unknown'
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'AlreadyExists'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'Aborted'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'Internal'
  | 'Unavailable'
  | 'DataLoss'
  | 'Unauthenticated'

/**
 * Why one element or one call failed, as a value. `_tag` is the class of the error (`JsonSyntax`, `Decode`, `Late`, …),
 * `path` a JSON Pointer from the element to the field at fault.
 * @public
 */
export interface Failure {
  readonly _tag: string
  readonly code: ErrorCode
  readonly message: string
  readonly path?: string
  /** Whether the same call may succeed later; default `false`. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/**
 * What a source, sink or store throws (or errors its Observable with): classified once, in the connector. Connectors
 * never retry: core does, by `retryable`.
 * @public
 */
export class ConnectorError extends Error implements Failure {
  static override readonly name: string = 'ConnectorError'
  readonly _tag: string
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly path?: string

  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause })
    this.name = failure._tag
    this._tag = failure._tag
    this.code = failure.code
    this.retryable = failure.retryable ?? false
    if (failure.path !== undefined) this.path = failure.path
  }
}

/**
 * A run that was understood and not begun, or undone, because it would harm what is there: the message says what to do.
 * @public
 */
export class RefusedError extends ConnectorError {
  constructor(message: string, tag = 'Refused', cause?: unknown) {
    super({ _tag: tag, code: 'FailedPrecondition', message, cause })
  }
}

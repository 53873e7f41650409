/** When a fault happens: before the frame that would be sent next. @public */
export interface FaultMoment {
  /** How many frames have been sent before, over all connections or on `connection`; default 0. */
  readonly afterFrames?: number
  /** Which accepted connection, from 1; default: whichever is open then. */
  readonly connection?: number
}

/** Which requests for a connection, counted from 1. @public */
export interface FaultAttempts {
  /** The first one that it befalls; default 1. */
  readonly attempt?: number
  /** How many in a row; may be `Infinity`, default 1. */
  readonly times?: number
}

/** What befalls a request for a connection. @public */
export type UpgradeFault =
  /** It is answered with this HTTP status: 401, 403, 429, 503 or 200, say. `retryAfter`: seconds or an HTTP date. */
  | (FaultAttempts & { readonly kind: 'refuse', readonly status: number, readonly retryAfter?: number | string })
  /** It is never answered. */
  | (FaultAttempts & { readonly kind: 'hang' })

/** What befalls a connection, once. @public */
export type LineFault =
  /** A closing handshake with this code. */
  | (FaultMoment & { readonly kind: 'close', readonly code: number, readonly reason?: string })
  /** The TCP connection ends without a closing handshake, after what was sent. Seen as 1006. */
  | (FaultMoment & { readonly kind: 'terminate' })
  /** The TCP connection is reset; what was sent last may be lost. Seen as 1006. */
  | (FaultMoment & { readonly kind: 'reset' })
  /** Half of the next frame, then the TCP connection ends. That frame is sent whole on the next connection. */
  | (FaultMoment & { readonly kind: 'halfFrame' })
  /** It stays open and sends nothing more, but answers websocket pings, unless `answerPings` is false. */
  | (FaultMoment & { readonly kind: 'silent', readonly answerPings?: boolean })
  /** It stays open, and nothing is read or answered. */
  | (FaultMoment & { readonly kind: 'halfOpen' })
  /** Nothing is sent for `millis`, then it goes on. */
  | (FaultMoment & { readonly kind: 'quiet', readonly millis: number })
  /** The next frame is sent byte by byte, `everyMillis` apart (default 10). */
  | (FaultMoment & { readonly kind: 'drip', readonly everyMillis?: number })
  /** The next frame is sent as a message of several fragments (default 3), with a websocket ping between them. */
  | (FaultMoment & { readonly kind: 'fragment', readonly pieces?: number })
  /** The last `frames` frames are sent once more, as the real exchange was seen to do after a reconnect. */
  | (FaultMoment & { readonly kind: 'resend', readonly frames: number })
  /** A message of `what`, or of `message`, is sent in between. */
  | (FaultMoment & { readonly kind: 'send', readonly what: Rubbish })
  | (FaultMoment & { readonly kind: 'send', readonly message: RawMessage })

/** How the exchange behaves all the time. @public */
export type StandingFault =
  /** A second connection with the same token ends both, as the real exchange does. */
  | { readonly kind: 'kickBoth' }
  /** A client's closing handshake is never answered, on one connection or (default) on all. */
  | { readonly kind: 'ignoreClose', readonly connection?: number }

/** Something that a simulated exchange does wrong. @public */
export type Fault = UpgradeFault | LineFault | StandingFault

/** A message to be sent as it is: a text, bytes as a binary message, or with `binary: false` bytes as a text message. @public */
export type RawMessage = string | Uint8Array | { readonly data: string | Uint8Array, readonly binary?: boolean }

/** Messages beside trades: rubbish, and what is good and no trade. @public */
export type Rubbish =
  | 'binary' | 'empty' | 'huge' | 'hugeOfBadTrades' | 'invalidUtf8' | 'truncated' | 'unknownType' | 'nested' | 'tradeADayAhead'
  | 'news' | 'pr' | 'ping' | 'error' | 'tooManySymbols'

/** How to drop the connections that are open now: with a close code, or as the fault of that name. @public */
export type Drop = number | 'terminate' | 'reset' | 'halfFrame' | 'silent' | 'halfOpen'

/**
 * Where core and connectors say what an operator may want to know. `console` is one. No secret ever reaches it.
 * @public
 */
export interface Logger {
  /** In the ordinary course of things: connected, resumed. */
  info(message: string): void
  /** Something is not as it should be, and the run goes on: a reconnection, an ignored file. */
  warn(message: string): void
}

/** Says nothing. @public */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined }

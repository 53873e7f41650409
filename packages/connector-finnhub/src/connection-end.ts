import type { Settings } from './options.js'
import type { Sayable } from './sayable.js'

const OVERSIZED = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

/** A message was larger than the limit. */
export const isOversized = (error: Error): boolean => codeOf(error) === OVERSIZED || codeOf(error) === 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'

/** Never the error itself, as a cause: it may hold the request, and with it the key. */
export const explainError = (error: Error, { maxFrameBytes }: Settings, sayable: Sayable): string => {
  if (isOversized(error)) return `a frame was larger than maxFrameBytes (${maxFrameBytes} bytes)`
  const code = codeOf(error)
  if (code.startsWith('WS_ERR_')) return `the server broke the websocket protocol: ${sayable(error.message)}`
  // Where several addresses were tried, the message is empty and the code says it.
  return `the connection failed: ${sayable(error.message === '' ? code : error.message)}`
}

/** 1006 is what the end of a connection without a closing handshake is called. */
export const explainClose = (code: number, reason: Buffer, sayable: Sayable): string => {
  if (code === 1006) return 'the connection broke off (1006)'
  const words = sayable(reason.toString('utf8'))
  return `closed by the server (${code}${words === '' ? '' : `: ${words}`})`
}

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** Answers a request for a connection with something else than a websocket, and ends its TCP connection. */
export const refuse = (socket: Socket, status: number, retryAfter?: number | string): void => {
  const body = status === 429 ? 'API limit reached. Please try again later. Remaining Limit: 0' : STATUS_CODES[status] ?? ''
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`, 'Connection: close', 'Content-Type: text/plain', `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

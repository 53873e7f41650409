import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { watch, type Watch } from './source-watch.js'

/** One accepted connection. */
export interface Accepted {
  readonly socket: WebSocket
  /** Under the websocket: to send what is none, or to break it. */
  readonly raw: Socket
  readonly symbols: string[]
  readonly messages: string[]
  readonly pongs: string[]
  /** The code of the closing handshake, or 1006. */
  closed: number | undefined
}

/** A server on loopback that does to each upgrade what the test says. */
export interface TestServer extends Watch {
  readonly url: string
  readonly port: number
  /** The paths that were asked for, in their order. */
  readonly asked: string[]
  readonly accepted: Accepted[]
  /** TCP connections that are open. */
  openSockets(): number
  /** Most whose other side was still there when an upgrade was asked for. */
  mostSockets(): number
  /** The connection with this index, once it has subscribed to `symbols`. */
  connection(index: number, symbols?: number): Promise<Accepted>
  close(): Promise<void>
}

/** Answers the upgrade itself, or gives false: then a websocket is opened. */
export type Upgrade = (attempt: number, socket: Socket, request: IncomingMessage) => boolean

/** A plain HTTP answer to an upgrade. */
export const answer = (socket: Duplex, status: number, headers: Readonly<Record<string, string>> = {}, body = 'no'): boolean => {
  const lines = Object.entries({ ...headers, 'Content-Length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n${body}`)
  return true
}

const accept = (socket: WebSocket, raw: Socket, look: () => void): Accepted => {
  const accepted: Accepted = { socket, raw, symbols: [], messages: [], pongs: [], closed: undefined }
  socket.on('message', (data) => {
    const message: { type: string; symbol: string } = JSON.parse(String(data))
    accepted.messages.push(String(data))
    if (message.type === 'subscribe') accepted.symbols.push(message.symbol)
    look()
  })
  socket.on('pong', (data) => {
    accepted.pongs.push(String(data))
    look()
  })
  socket.on('error', () => undefined)
  socket.on('close', (code) => {
    accepted.closed = code
    look()
  })
  return accepted
}

export const testServer = async (upgrade: Upgrade = () => false, onConnection: (accepted: Accepted, index: number) => void = () => undefined): Promise<TestServer> => {
  const { until, look } = watch()
  const asked: string[] = []
  const accepted: Accepted[] = []
  const sockets = new Set<Socket>()
  let most = 0
  const http = createServer()
  const websockets = new WebSocketServer({ noServer: true, autoPong: true, perMessageDeflate: false })
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      look()
    })
  })
  http.on('upgrade', (request, duplex, head) => {
    const raw = duplex as Socket // The server of `http` gives no other.
    asked.push(request.url ?? '')
    most = Math.max(most, [...sockets].filter((socket) => !socket.readableEnded && !socket.destroyed).length)
    // Unread, the server would not see that the other side is gone.
    if (upgrade(asked.length - 1, raw, request)) raw.on('end', () => raw.destroy()).resume()
    else {
      websockets.handleUpgrade(request, raw, head, (socket) => {
        const one = accept(socket, raw, look)
        onConnection(one, accepted.push(one) - 1)
      })
    }
    look()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo // It listens on a port.
  return {
    until, look, asked, accepted, port, url: `ws://127.0.0.1:${port}`,
    openSockets: () => sockets.size,
    mostSockets: () => most,
    connection: async (index, symbols = 1) => {
      await until(`connection ${index} with ${symbols} symbols`, () => (accepted[index]?.symbols.length ?? 0) >= symbols)
      const one = accepted[index]
      if (one === undefined) throw new Error(`there is no connection ${index}`)
      return one
    },
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      http.close(() => resolve())
    }),
  }
}
